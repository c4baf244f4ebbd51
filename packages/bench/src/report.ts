/** The results as the text that is printed and put into the README. */

import { cpus } from "node:os";
import { CORPUS_NAMES } from "./corpora.ts";
import type { Exactness } from "./exactness.ts";
import { type Entry, OURS, UPSTREAM } from "./peers/all.ts";
import type { Results } from "./run.ts";
import { shown, table } from "./table.ts";

/** Everything but the verdict, in Markdown. */
export function report(
  results: Results,
  peers: Entry[],
  exactness: Map<string, Exactness>,
  corpora: string,
): string {
  return [
    preamble(corpora),
    encoding(results, peers, exactness),
    footnotes(peers, exactness),
    starting(results, peers),
    harmony(results),
  ].join("\n\n");
}

function preamble(corpora: string): string {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpu?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  return `Measured by \`npm run bench\` on ${date}: ${machine}. Every peer in a process of its own, the median of interleaved rounds, corpora ${corpora}. Machines differ, and one machine from hour to hour: compare rows, not runs.`;
}

function encoding(results: Results, peers: Entry[], exactness: Map<string, Exactness>): string {
  const columns = CORPUS_NAMES.flatMap((corpus) => [`${corpus} cold`, `${corpus} warm`]);
  const rows = peers.map((peer) => [
    named(peer) + (exactness.get(peer.id)?.different ? " ≠" : ""),
    ...[...columns, "small"].map((figure) => shown(results(peer.id, figure))),
  ]);
  return `Encoding, MB/s of UTF-8, and µs for 40 characters. Cold is text never seen, after warm-up on other text; warm the best of six passes over it again.\n\n${table(
    ["", ...columns, "40 chars, µs"],
    rows,
  )}`;
}

function footnotes(peers: Entry[], exactness: Map<string, Exactness>): string {
  const notes = peers.flatMap(({ id, title }) => {
    const found = exactness.get(id);
    if (!found?.example) return [];
    return `≠ ${title} answers other ids for ${found.different} of ${found.documents} documents; first ${found.example}.`;
  });
  const exact = [...exactness.values()].filter(({ different }) => different === 0).length;
  const who = notes.length > 0 ? `The other ${exact}` : "All";
  notes.push(`${who} peers answer the same ids as harmony-wasm for every document.`);
  if (peers.some(({ id }) => id === "huggingface")) {
    notes.push(
      "@huggingface/tokenizers ships no vocabulary; its tokenizer.json was written from o200k_base, and counts as what it ships.",
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

/** What only harmony does, beside upstream's own package. */
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
  return `Harmony, beside upstream's native code under Python, whose parser takes one token at a time.\n\n${table(
    ["", "harmony-wasm", "openai-harmony"],
    rows,
  )}`;
}

function named({ id, title, version, runs }: Entry): string {
  const name = id === OURS ? `**${title}**` : title;
  return `${name} ${version}${runs === "python" ? " (Python)" : ""}`;
}
