/**
 * Where the processor time of the command line's threads goes, by Node's own
 * profiles: rendering is the time in harmony-wasm's module.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

/** The time of a run by module, in microseconds, over all of its threads. */
type Times = Map<string, number>;

/** What threads wait in. */
const IDLE = ["(idle)", "atomicsWaitLoop"];

/** The share of rendering in the processor time of each command; all run the program at `path`. */
export function renderingShares(
  path: string,
  commands: Readonly<Record<string, readonly string[]>>,
  /** A command that uses no other wasm than harmony's. */
  onlyHarmony: readonly string[],
): [name: string, share: number][] {
  const modules = [...profiled(path, onlyHarmony).keys()].filter((url) => url.startsWith("wasm:"));
  return Object.entries(commands).map(([name, args]) => {
    const times = profiled(path, args);
    const all = [...times.values()].reduce((sum, time) => sum + time, 0);
    const rendering = modules.reduce((sum, url) => sum + (times.get(url) ?? 0), 0);
    return [name, rendering / all];
  });
}

function profiled(path: string, args: readonly string[]): Times {
  const folder = mkdtempSync(join(tmpdir(), "harmony-profile-"));
  try {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, path, ...args];
    execFileSync(process.execPath, flags, { stdio: "ignore" });
    const times: Times = new Map();
    for (const file of readdirSync(folder)) {
      addTimes(times, JSON.parse(readFileSync(join(folder, file), "utf8")));
    }
    return times;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function addTimes(times: Times, { nodes, samples, timeDeltas }: Profile): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  for (const [index, id] of samples.entries()) {
    const { functionName, url } = frames.get(id) ?? { functionName: "", url: "" };
    if (IDLE.includes(functionName)) continue;
    times.set(url, (times.get(url) ?? 0) + (timeDeltas[index] ?? 0));
  }
}
