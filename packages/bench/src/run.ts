/**
 * Runs the measurements: each peer in a process of its own, and within a round
 * one peer after the other, so that what else the machine does falls on all of
 * them. What counts is the median of the rounds.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { CORPUS_NAMES } from "./corpora.ts";
import type { Figures } from "./measure.ts";
import { BENCH, CACHE, VOCABULARY_FOLDER } from "./paths.ts";
import { type Entry, OURS, UPSTREAM } from "./peers/all.ts";
import { PYTHON } from "./python.ts";
import { median } from "./timing.ts";

/** The medians, by peer and by figure; undefined where a peer has none. */
export type Results = (peer: string, figure: string) => number | undefined;

/** A measurement, and who takes part. */
interface Job {
  args: string[];
  peers: Entry[];
}

/** Runs `rounds` rounds over all peers. */
export function runAll(peers: Entry[], rounds: number): Results {
  const samples = new Map<string, number[]>();
  const keep = (peer: Entry, figures: Figures) => {
    for (const [figure, value] of Object.entries(figures)) {
      const key = `${peer.id} ${figure}`;
      samples.set(key, [...(samples.get(key) ?? []), value]);
    }
  };
  for (const job of shipping(peers)) runJob(job, keep);
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}`);
    for (const job of jobs(peers)) runJob(job, keep);
  }
  return (peer, figure) => {
    const values = samples.get(`${peer} ${figure}`);
    return values && median(values);
  };
}

/** Sizes do not vary from round to round; a wheel is nothing that a page loads. */
function shipping(peers: Entry[]): Job[] {
  return [{ args: ["ships"], peers: peers.filter(({ runs }) => runs === "javascript") }];
}

function jobs(peers: Entry[]): Job[] {
  return [
    ...CORPUS_NAMES.map((corpus) => ({ args: ["encode", corpus], peers })),
    { args: ["small"], peers },
    { args: ["empty"], peers },
    { args: ["load"], peers },
    { args: ["conversation"], peers: peers.filter(({ id }) => id === OURS || id === UPSTREAM) },
  ];
}

function runJob({ args, peers }: Job, keep: (peer: Entry, figures: Figures) => void): void {
  for (const peer of peers) {
    console.error(`  ${args.join(" ")}: ${peer.title}`);
    const figures = inItsOwnProcess(peer, args);
    // An empty process's memory is what a loaded one's is compared with.
    if (args[0] === "empty") keep(peer, { "empty memory": figures.memory ?? Number.NaN });
    else keep(peer, figures);
  }
}

function inItsOwnProcess(peer: Entry, args: string[]): Figures {
  const [command, script] =
    peer.runs === "python"
      ? [PYTHON, [join(BENCH, "python", "peers.py")]]
      : [process.execPath, ["--expose-gc", join(import.meta.dirname, "child.ts")]];
  const output = execFileSync(command, [...script, peer.id, ...args], {
    encoding: "utf8",
    env: { ...process.env, BENCH_CACHE: CACHE, TIKTOKEN_ENCODINGS_BASE: VOCABULARY_FOLDER },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output);
}
