/** `<out>.meta.json`: the provenance, for formats that cannot hold it. */

import { existsSync, readFileSync } from "node:fs";
import { textBytes } from "../files/bytes.ts";
import type { FileBytes, OutputFile } from "./format.ts";

const FILE = "meta";
/** What follows the name of the file that it describes. */
export const META_EXTENSION = ".meta.json";

/** The file beside `path`, and its content. */
export function metaFile(
  path: string,
  metadata: Map<string, string>,
): { file: OutputFile; head: FileBytes } {
  const text = `${JSON.stringify(Object.fromEntries(metadata), null, 2)}\n`;
  return {
    file: { file: FILE, path: path + META_EXTENSION },
    head: { file: FILE, bytes: textBytes(text) },
  };
}

/** The metadata beside an output; empty if there is no such file. */
export function readMetaFile(path: string): ReadonlyMap<string, string> {
  const file = path + META_EXTENSION;
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
}
