/** `<out>.meta.json`: the provenance, for formats that have no room for it. */

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
