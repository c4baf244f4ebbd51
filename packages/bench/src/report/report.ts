/** The results as Markdown: for the terminal, docs/speed.md and the README. */

import { cpus } from "node:os";
import type { Corpora, CorpusName } from "../corpora/corpora.ts";
import type { Results } from "../measure/run.ts";
import { type Entry, OUR_CRATE, OURS, type Runtime, UPSTREAM } from "../peers/all.ts";
import type { Exactness } from "./exactness.ts";
import { shown, table } from "./table.ts";

/** One run and everything that its report needs. */
export interface Run {
  results: Results;
  peers: Entry[];
  exactness: Map<string, Exactness>;
  /** The corpora that were measured. */
  names: CorpusName[];
  corpora: Corpora;
  /** The command that measured it. */
  command: string;
}

/** The corpora of the short table: one of each kind. */
const SHORT: CorpusName[] = ["documentation", "code", "scripts", "chinese"];

/** Everything but the verdict, in Markdown. */
export function fullReport(run: Run): string {
  const { results, peers, names } = run;
  return [
    preamble(run),
    misses(run),
    `Cold: the first pass over the measured half, MB/s of UTF-8.\n\n${speeds(run, "cold", names)}`,
    `Warm: the best of six more passes over it, MB/s, and 40 characters, µs.\n\n${speeds(run, "warm", names)}`,
    footnotes(run),
    starting(results, peers),
    harmony(results),
  ].join("\n\n");
}

/** The part that fits into the README. */
export function shortReport(run: Run): string {
  const names = SHORT.filter((name) => run.names.includes(name));
  return [
    preamble(run),
    `Cold, MB/s of UTF-8: the first pass over text whose words are all new.\n\n${speeds(run, "cold", names)}`,
    `Warm, MB/s: the best of six more passes over it. And 40 characters, µs.\n\n${speeds(run, "warm", names)}`,
    footnotes(run),
    starting(run.results, run.peers),
    harmony(run.results),
  ].join("\n\n");
}

function preamble({ corpora, command }: Run): string {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpu?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  return `Measured by \`${command}\` on ${date}: ${machine}, corpora ${corpora.sha256.slice(0, 12)}. Each peer runs in a process of its own, one thread, in processor time, the median of interleaved rounds. Machines differ, and one machine from hour to hour: compare rows, not runs.`;
}

/** How honest cold is: no word of the measured half is in the warm-up. */
function misses({ corpora, names }: Run): string {
  const rates = names.map((name) => `${name} ${(100 * corpora.misses[name]).toFixed(0)} %`);
  return `No word of a measured half occurs in its warm-up. The share of its words that are new when they are met, so that no cache can have them: ${rates.join(", ")}.`;
}

function speeds({ results, peers, exactness }: Run, pass: string, names: CorpusName[]): string {
  const small = pass === "warm" ? ["small"] : [];
  const figures = [...names.map((name) => `${name} ${pass}`), ...small];
  const rows = peers.map((peer) => [
    named(peer) + (exactness.get(peer.id)?.different ? " ≠" : ""),
    ...figures.map((figure) => shown(results(peer.id, figure))),
  ]);
  return table(["", ...names, ...small.map(() => "40 chars, µs")], rows);
}

function footnotes({ peers, exactness, names }: Run): string {
  const notes = peers.flatMap(({ id, title }) => {
    const found = exactness.get(id);
    if (!found?.example) return [];
    return `≠ ${title} gives other ids for ${found.different} of ${found.documents} documents; the first ${found.example}.`;
  });
  const exact = [...exactness.values()].filter(({ different }) => different === 0).length;
  const who = notes.length > 0 ? `The other ${exact}` : "All";
  notes.push(
    `${who} give the same ids as harmony-wasm for every document of ${names.length} corpora.`,
  );
  if (peers.some(({ id }) => id === "huggingface")) {
    notes.push(
      "@huggingface/tokenizers ships no vocabulary; its tokenizer.json was written from o200k_base and counts as part of what it ships.",
    );
  }
  return notes.join("\n\n");
}

function starting(results: Results, peers: Entry[]): string {
  const kilobytes = (value: number | undefined) => shown(value && value / 1000);
  const rows = peers.map(({ id, ...peer }) => [
    named({ id, ...peer }),
    shown(results(id, "load")),
    shown((results(id, "memory") ?? Number.NaN) - (results(id, "empty memory") ?? Number.NaN)),
    ...["raw", "gzip", "brotli"].map((figure) => kilobytes(results(id, figure))),
  ]);
  return `Starting: from before the import to the first ids in a fresh process, the memory then held above an empty process, and the files that this takes.\n\n${table(
    ["", "load, ms", "memory, MB", "raw, KB", "gzip, KB", "brotli, KB"],
    rows,
  )}`;
}

/** Rendering and parsing, beside upstream's own package. */
function harmony(results: Results): string {
  const row = (what: string, ours: string, theirs = ours) => [
    what,
    shown(results(OURS, ours)),
    shown(results(UPSTREAM, theirs)),
  ];
  const parser = (where: string, name: string) => [
    row(`parser, ${name}, an array, tokens/s`, `${where} array`, `${where} one by one`),
    row(`parser, ${name}, one by one, tokens/s`, `${where} one by one`),
  ];
  const rows = [
    row("render ten messages for completion, µs", "render"),
    ...parser("content", "in content"),
    ...parser("header", "in a header"),
    ...parser("calls", "short tool calls"),
    row("parse a long answer, tokens/s", "content parse"),
    row("parse short tool calls, tokens/s", "calls parse"),
  ];
  return `Rendering and parsing, beside upstream's native code under Python, whose parser takes one token at a time.\n\n${table(
    ["", "harmony-wasm", "openai-harmony"],
    rows,
  )}`;
}

function named({ id, title, version, runs }: Entry): string {
  const name = id === OURS || id === OUR_CRATE ? `**${title}**` : title;
  return `${name} ${version}${WHERE[runs]}`;
}

const WHERE: Record<Runtime, string> = { javascript: "", rust: " (Rust)", python: " (Python)" };
