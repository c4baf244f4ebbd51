/** What a command takes, its threads and children included: time of the clock and of the processor. */

import { execFileSync } from "node:child_process";
import { VOCABULARY_FOLDER } from "../paths.ts";

/** In seconds. */
export interface Took {
  wall: number;
  cpu: number;
}

const SCRIPT =
  'start=$(date +%s%N); "$@" >/dev/null 2>&1; code=$?; end=$(date +%s%N); times; echo $((end - start)); exit $code';

/** Runs a command to its end. */
export function took(command: string, args: readonly string[]): Took {
  const env = { ...process.env, TIKTOKEN_ENCODINGS_BASE: VOCABULARY_FOLDER };
  const said = execFileSync("bash", ["-c", SCRIPT, "bash", command, ...args], {
    env,
    encoding: "utf8",
  });
  const lines = said.trim().split("\n");
  const wall = Number(lines.at(-1)) / 1e9;
  const cpu = Array.from((lines.at(-2) ?? "").matchAll(/(\d+)m([\d.]+)s/g)).reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
  return { wall, cpu };
}

/** The median of each figure. */
export function median(all: readonly Took[]): Took {
  const middle = (of: (took: Took) => number) =>
    all.map(of).toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN;
  return { wall: middle(({ wall }) => wall), cpu: middle(({ cpu }) => cpu) };
}
