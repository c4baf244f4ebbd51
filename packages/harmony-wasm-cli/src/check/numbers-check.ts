/**
 * Files of numbers end to end: how many rows their file of lengths has, and
 * whether these rows fill the ids. The ids themselves are not parsed.
 */

import { existsSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { withoutExtension } from "../formats/flat.ts";
import { INDEX_PLACES } from "../formats/megatron.ts";
import { NPY_HEADER_BYTES } from "../formats/npy.ts";

const ID_BYTES = 4;
const CHUNK_BYTES = 1024 * 1024;

/** The rows of a file of numbers, and the fault of their lengths if they have one. */
export interface CountedNumbers {
  rows: number;
  fault?: string;
}

/** Where a file has the lengths of the rows: 32-bit integers from `start` to `end`. */
interface Lengths {
  path: string;
  start: number;
  end: number;
}

/** Counts the rows; undefined if no file of lengths is beside the ids. */
export async function countedNumbers(ids: string): Promise<CountedNumbers | undefined> {
  const isNpy = ids.endsWith(".npy");
  const path = `${withoutExtension(ids)}${isNpy ? ".n_tokens.npy" : ".idx"}`;
  if (!existsSync(path)) return undefined;
  const lengths = await (isNpy ? npyLengths(path) : megatronLengths(path));
  const rows = Math.max(0, lengths.end - lengths.start) / ID_BYTES;
  const [filled, there] = [await sumOf(lengths), await idsIn(ids, isNpy)];
  if (filled === there) return { rows };
  return { rows, fault: `its rows have ${filled} ids by their lengths, the file has ${there}` };
}

async function npyLengths(path: string): Promise<Lengths> {
  return { path, start: NPY_HEADER_BYTES, end: (await stat(path)).size };
}

async function megatronLengths(path: string): Promise<Lengths> {
  const rows = await reading(path, async (file) => {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, INDEX_PLACES.count);
    return Number(buffer.readBigUInt64LE());
  });
  return { path, start: INDEX_PLACES.lengths, end: INDEX_PLACES.lengths + rows * ID_BYTES };
}

function sumOf({ path, start, end }: Lengths): Promise<number> {
  return reading(path, async (file) => {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let sum = 0;
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, end - at), at);
      for (let from = 0; from + ID_BYTES <= bytesRead; from += ID_BYTES) {
        sum += chunk.readUInt32LE(from);
      }
    }
    return sum;
  });
}

async function reading<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

async function idsIn(path: string, isNpy: boolean): Promise<number> {
  return ((await stat(path)).size - (isNpy ? NPY_HEADER_BYTES : 0)) / ID_BYTES;
}
