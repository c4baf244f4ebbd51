/** The peers in the order of the tables, with their kind and exact version. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BENCH } from "../paths.ts";

export interface Entry {
  /** Its name on the command line, and its file's. */
  id: string;
  /** Its name in the tables. */
  title: string;
  /** Where it runs; "python" is native code under Python. */
  runs: "javascript" | "python";
  version: string;
}

/** The package of this repository. */
export const OURS = "ours";
/** Upstream's own Python package, which renders and parses as well. */
export const UPSTREAM = "py-harmony";

/** Python's packages, pinned; `python.ts` installs them. */
export const PYTHON_PACKAGES = {
  "py-tiktoken": ["tiktoken", "0.14.0"],
  "py-quicktok": ["quicktok-v1", "0.4.0"],
  [UPSTREAM]: ["openai-harmony", "0.0.8"],
} as const;

const NPM_PACKAGES = {
  [OURS]: "harmony-wasm",
  tiktoken: "tiktoken",
  "js-tiktoken": "js-tiktoken",
  "gpt-tokenizer": "gpt-tokenizer",
  "ai-tokenizer": "ai-tokenizer",
  huggingface: "@huggingface/tokenizers",
};

export const PEERS: Entry[] = [
  ...Object.entries(NPM_PACKAGES).map(([id, title]) => ({
    id,
    title,
    runs: "javascript" as const,
    version: npmVersion(title),
  })),
  ...Object.entries(PYTHON_PACKAGES).map(([id, [name, version]]) => ({
    id,
    title: name,
    runs: "python" as const,
    version,
  })),
];

function npmVersion(name: string): string {
  const file = join(BENCH, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}
