/** Keeps a run from replacing or reading its own files; names and links do not matter. */

import { type BigIntStats, fstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { UsageError } from "../exit.ts";
import { inputName } from "../files/input-name.ts";
import { isFolder } from "../files/is-folder.ts";
import { isAddress } from "../remote/location.ts";
import type { InputFile } from "../storage/input-file.ts";

const STDIN = 0;
const BIGINT = { bigint: true } as const;

/** Refuses a run that would replace an input, under any name or on stdin, or a device. */
export function refuseInputsAsOutput(
  inputs: readonly InputFile[],
  outputs: readonly string[],
  flag = "--output",
): void {
  const read = new Map(inputs.map((file) => [idOf(file), file]));
  for (const path of outputs) {
    const written = statSync(path, { ...BIGINT, throwIfNoEntry: false });
    if (written) refuseOtherThanFile(path, written, flag);
    const input = written && read.get(`${written.dev}:${written.ino}`);
    if (!input) continue;
    const name = inputName(input.name);
    throw new UsageError(`${flag}: ${path} would replace the input, ${name}; choose another path`);
  }
}

/** A finished file is renamed to its name, which would put it in the place of /dev/null. */
function refuseOtherThanFile(path: string, stats: BigIntStats, flag: string): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a named pipe" : "a device";
  const advice = stats.isDirectory() ? "" : ", or - for stdout";
  throw new UsageError(
    `${flag}: ${path} is ${kind}, which no file may replace; expected the path of a file${advice}`,
  );
}

/** Refuses a run that would replace an input in an object store. */
export function refuseInputsAtAddress(
  inputs: readonly InputFile[],
  output: string,
  flag = "--output",
): void {
  if (!inputs.some(({ name }) => name === output)) return;
  throw new UsageError(`${flag}: ${output} would replace the input; choose another address`);
}

/** Refuses a run that would read its own parts: now, or when it is resumed. */
export function refuseInputsInFolder(
  inputs: readonly InputFile[],
  named: readonly string[],
  output: string,
): void {
  const folder = wholePathOfNew(output);
  const inside = inputs.find(({ name }) => isWithin(wholePath(name), folder));
  const around = named.find((name) => namesFolder(name) && isWithin(folder, wholePath(name)));
  const input = inside?.name ?? around;
  if (input === undefined) return;
  const place = inside
    ? `is in the output folder ${output}`
    : `has the output folder ${output} in it`;
  throw new UsageError(`--output: the input ${input} ${place}; choose a folder of its own`);
}

function idOf({ name, id }: InputFile): string {
  if (name !== "-") return id;
  const { dev, ino } = fstatSync(STDIN, BIGINT);
  return `${dev}:${ino}`;
}

function isWithin(path: string | undefined, folder: string | undefined): boolean {
  return (
    path !== undefined && folder !== undefined && `${path}${sep}`.startsWith(`${folder}${sep}`)
  );
}

function namesFolder(path: string): boolean {
  return isAddress(path) ? path.endsWith("/") : isFolder(path);
}

/** The path of a folder that may still have to be made, and its parents too. */
function wholePathOfNew(path: string): string {
  const whole = wholePath(path);
  if (whole !== undefined) return whole;
  const parent = dirname(path);
  return parent === path ? path : join(wholePathOfNew(parent), basename(path));
}

/** The path without links, or the address; undefined for a name that does not exist. */
function wholePath(path: string): string | undefined {
  if (isAddress(path)) return path.replace(/\/+$/, "");
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
