/** The peers in the order of the tables, with their kind and exact version. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BENCH } from "../paths.ts";

/** Where a peer runs: in this Node, in a process of Rust, or as native code under Python. */
export type Runtime = "javascript" | "rust" | "python";

export interface Entry {
  /** Its name on the command line, and its file's. */
  id: string;
  /** Its name in the tables. */
  title: string;
  runs: Runtime;
  version: string;
}

/** The package of this repository. */
export const OURS = "ours";
/** The crate of this repository, compiled natively. */
export const OUR_CRATE = "rust-ours";
/** Upstream's own Python package, which renders and parses as well. */
export const UPSTREAM = "py-harmony";

/** Python's packages, pinned; `python.ts` installs them. */
export const PYTHON_PACKAGES = {
  "py-gigatoken": ["gigatoken", "0.10.0"],
  "py-fastokens": ["fastokens", "0.3.5"],
  "py-toktok": ["toktok-rs", "0.3.0"],
  "py-splintr": ["splintr-rs", "0.22.0"],
  "py-quicktok": ["quicktok-v1", "0.4.0"],
  "py-tiktoken": ["tiktoken", "0.14.0"],
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

/** The crates of `native/Cargo.lock`. */
const CRATES = {
  [OUR_CRATE]: "harmony-core",
  "rust-fastokens": "fastokens",
  "rust-toktok": "toktok-rs",
  "rust-tiktoken-fast": "tiktoken-fast",
  "rust-bpe-openai": "bpe-openai",
};

export const PEERS: Entry[] = [
  ...entries(NPM_PACKAGES, "javascript", npmVersion),
  ...entries(CRATES, "rust", crateVersion),
  ...Object.entries(PYTHON_PACKAGES).map(([id, [title, version]]) => ({
    id,
    title,
    runs: "python" as const,
    version,
  })),
];

function entries(
  packages: Record<string, string>,
  runs: Runtime,
  versionOf: (name: string) => string,
): Entry[] {
  return Object.entries(packages).map(([id, title]) => ({
    id,
    title,
    runs,
    version: versionOf(title),
  }));
}

function npmVersion(name: string): string {
  const file = join(BENCH, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}

function crateVersion(name: string): string {
  const lock = readFileSync(join(BENCH, "native", "Cargo.lock"), "utf8");
  return lock.match(new RegExp(`name = "${name}"\\nversion = "(.+)"`))?.[1] ?? "?";
}
