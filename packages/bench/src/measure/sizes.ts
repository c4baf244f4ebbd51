/** Sizes of files, as they are and as a server would send them. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The sums in bytes. */
export function sizesOf(urls: string[]): { raw: number; gzip: number; brotli: number } {
  const sums = { raw: 0, gzip: 0, brotli: 0 };
  for (const url of new Set(urls)) {
    const bytes = readFileSync(fileURLToPath(url));
    sums.raw += bytes.length;
    sums.gzip += gzipSync(bytes, { level: 9 }).length;
    sums.brotli += brotli(bytes).length;
  }
  return sums;
}

function brotli(bytes: Buffer): Buffer {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params });
}
