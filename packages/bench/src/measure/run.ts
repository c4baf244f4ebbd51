/**
 * Runs the measurements: each peer in a process of its own, and within a round
 * one peer after the other, so that whatever else the machine does affects all of
 * them. The median of the rounds counts. Slow peers take part in the first round
 * alone: they take most of the time, and no comparison turns on a tenth of them.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { CorpusName } from "../corpora/corpora.ts";
import { BENCH, CACHE, VOCABULARY_FOLDER } from "../paths.ts";
import { type Entry, OURS, type Runtime, UPSTREAM } from "../peers/all.ts";
import { PYTHON } from "../peers/python.ts";
import { NATIVE } from "../peers/rust.ts";
import type { Figures } from "./measure.ts";
import { median } from "./timing.ts";

/** The medians, by peer and by figure; undefined where a peer has none. */
export type Results = (peer: string, figure: string) => number | undefined;

/** A measurement, and who takes part. */
interface Job {
  args: string[];
  peers: Entry[];
}

/** A peer whose speed is below this on every corpus is slow, in MB/s. */
const SLOW = 15;

/** Runs `rounds` rounds over all peers and these corpora. */
export function runAll(peers: Entry[], corpora: CorpusName[], rounds: number): Results {
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
    const isFast = ({ id }: Entry) =>
      corpora.some((corpus) => (samples.get(`${id} ${corpus} warm`)?.[0] ?? 0) >= SLOW);
    const chosen = round === 1 ? peers : peers.filter(isFast);
    for (const job of jobs(chosen, corpora)) runJob(job, keep);
  }
  return (peer, figure) => {
    const values = samples.get(`${peer} ${figure}`);
    return values && median(values);
  };
}

/** Sizes do not vary from round to round, and a page loads neither wheels nor crates. */
function shipping(peers: Entry[]): Job[] {
  return [{ args: ["ships"], peers: peers.filter(({ runs }) => runs === "javascript") }];
}

function jobs(peers: Entry[], corpora: CorpusName[]): Job[] {
  return [
    ...corpora.map((corpus) => ({ args: ["encode", corpus], peers })),
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
  const [command = "", ...before] = COMMANDS[peer.runs];
  const output = execFileSync(command, [...before, peer.id, ...args], {
    encoding: "utf8",
    env: { ...process.env, BENCH_CACHE: CACHE, TIKTOKEN_ENCODINGS_BASE: VOCABULARY_FOLDER },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output);
}

const COMMANDS: Record<Runtime, string[]> = {
  javascript: [process.execPath, "--expose-gc", join(import.meta.dirname, "child.ts")],
  python: [PYTHON, join(BENCH, "python", "peers.py")],
  rust: [NATIVE],
};
