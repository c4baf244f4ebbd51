/**
 * The crates of Cargo.lock and the packages that pnpm installed, as folders with
 * files. Only entries of the lock files are listed, in their order, so every
 * machine sees the same.
 */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../paths.ts";

/** A crate or package: its folder and its files' paths in it, sorted. */
export interface Source {
  folder: string;
  files: string[];
}

/** No file written by hand is larger. */
const MOST_BYTES = 300_000;
/** Files that hold vocabularies; a peer must not be measured on its own. */
const PEERS = /^(tiktoken|@dqbd\+tiktoken|js-tiktoken|gpt-tokenizer|ai-tokenizer)@/;

/** The crates of Cargo.lock that cargo has fetched. */
export function crates(): Source[] {
  const registry = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  const folders = existsSync(registry) ? readdirSync(registry).sort() : [];
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const names = [...lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource/g)];
  return names.flatMap(([, name, version]) => {
    const at = folders.map((folder) => join(registry, folder, `${name}-${version}`));
    return at.filter((folder) => existsSync(folder)).map(sourceAt);
  });
}

/** The packages in pnpm's store, peers excepted. */
export function packages(): Source[] {
  const store = join(ROOT, "node_modules", ".pnpm");
  const names = readdirSync(store).filter((name) => name.includes("@", 1) && !PEERS.test(name));
  return names.sort().flatMap((name) => {
    const at = name.slice(0, name.indexOf("@", 1)).replace("+", "/");
    const folder = join(store, name, "node_modules", at);
    return existsSync(folder) ? [sourceAt(folder)] : [];
  });
}

/** The pages that Python's `help()` shows; empty without Python. */
export function pythonManual(): string {
  const program = "import pydoc_data.topics as manual; print('\\n'.join(manual.topics.values()))";
  try {
    return execFileSync("python3", ["-c", program], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

/** The text of a file; empty where it is too large or no UTF-8. */
export function textOf(source: Source, file: string): string {
  const bytes = readFileSync(join(source.folder, file));
  if (bytes.length > MOST_BYTES) return "";
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") ? "" : text;
}

function sourceAt(folder: string): Source {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return { folder, files: paths.sort() };
}
