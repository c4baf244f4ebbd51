/** `<out>.meta.json`: the provenance, for formats that cannot hold it. */

import { existsSync, readFileSync } from "node:fs";
import { textBytes } from "../files/bytes.ts";
import type { FileBytes, OutputFile } from "./format.ts";

const FILE = "meta";

/** The file beside `path`, and its content. */
export function metaFile(
  path: string,
  metadata: Map<string, string>,
): { file: OutputFile; head: FileBytes } {
  const text = `${JSON.stringify(Object.fromEntries(metadata), null, 2)}\n`;
  return {
    file: { file: FILE, path: `${path}.meta.json` },
    head: { file: FILE, bytes: textBytes(text) },
  };
}

/** The metadata beside an output; empty if there is no such file. */
export function readMetaFile(path: string): ReadonlyMap<string, string> {
  const file = `${path}.meta.json`;
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
}
