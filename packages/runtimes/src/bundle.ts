/** What a user downloads, mostly what a bundler wrote: how large it is, and how many copies of the wasm it holds. */

import { readdir, readFile, stat } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The first bytes of every wasm file, and as they begin in base64. */
const MAGIC = Buffer.from("\0asm", "latin1");
const MAGIC_BASE64 = "AGFzbQEAAAAB";
/** Other wasm may be there (Next has its own); ours is larger than this. */
const LEAST_WASM = 1e6;

/** Sizes in bytes. */
export interface Sizes {
  raw: number;
  gzip: number;
  brotli: number;
}

/** The sizes of folders and files; throws unless they hold exactly one copy of the wasm. */
export async function checkedFiles(paths: readonly string[]): Promise<Sizes> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const copies = files.filter(holdsWasm).length;
  if (copies !== 1) throw new Error(`${paths} hold ${copies} copies of the wasm`);
  const sum = (size: (file: Buffer) => number) =>
    files.reduce((total, file) => total + size(file), 0);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  return {
    raw: sum((file) => file.length),
    gzip: sum((file) => gzipSync(file).length),
    brotli: sum((file) => brotliCompressSync(file, quality).length),
  };
}

/** The contents of all files but source maps. */
async function filesOf(path: string): Promise<Buffer[]> {
  if ((await stat(path)).isFile()) return [await readFile(path)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".map"));
  return Promise.all(files.map((entry) => readFile(`${entry.parentPath}/${entry.name}`)));
}

function holdsWasm(file: Buffer): boolean {
  if (file.length < LEAST_WASM) return false;
  return file.subarray(0, 4).equals(MAGIC) || file.includes(MAGIC_BASE64);
}
