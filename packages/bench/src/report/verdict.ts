/**
 * The targets of this package, each a ratio of two figures of one run: figures
 * depend on the machine and the hour, ratios far less.
 */

import type { Results } from "../measure/run.ts";
import { type Entry, OURS, UPSTREAM } from "../peers/all.ts";

/** A target and the measured value, which is NaN where a side is missing. */
export interface Verdict {
  what: string;
  target: number;
  measured: number;
}

/** All targets; `peers` are those that took part. */
export function verdicts(results: Results, peers: Entry[]): Verdict[] {
  const bestOf = (figure: string) => {
    const javascript = peers.filter(({ id, runs }) => runs === "javascript" && id !== OURS);
    return Math.max(...javascript.map(({ id }) => results(id, figure) ?? Number.NaN));
  };
  const ours = (figure: string) => results(OURS, figure) ?? Number.NaN;
  const of = (peer: string, figure: string) => results(peer, figure) ?? Number.NaN;
  const python = (figure: string) => of(UPSTREAM, figure);
  const perCorpus = (targets: Targets, what: string, other: (figure: string) => number) =>
    Object.entries(targets).map(([corpus, target]): Verdict => {
      const figure = `${corpus} ${what.split(" ")[0]}`;
      return { what: `${corpus}, ${what}`, target, measured: ours(figure) / other(figure) };
    });
  return [
    ...perCorpus(COLD_TIKTOKEN, "cold over npm tiktoken", (each) => of("tiktoken", each)),
    ...perCorpus(COLD_JAVASCRIPT, "cold over the best JavaScript peer", bestOf),
    ...perCorpus(NATIVE, "cold over quicktok", (each) => of("py-quicktok", each)),
    ...perCorpus(NATIVE, "cold over native fastokens", (each) => of("rust-fastokens", each)),
    ...perCorpus(NATIVE, "warm over native fastokens", (each) => of("rust-fastokens", each)),
    ...perCorpus(WARM_JAVASCRIPT, "warm over the best JavaScript peer", bestOf),
    ...times(ours, of),
    ...parsing(ours, python),
  ];
}

type Targets = Record<string, number>;
const COLD_TIKTOKEN = { documentation: 14, code: 14, scripts: 8 };
const COLD_JAVASCRIPT = { documentation: 10, code: 10, scripts: 10 };
const NATIVE = { documentation: 1, code: 1, scripts: 1 };
const WARM_JAVASCRIPT = { documentation: 5, code: 5, scripts: 3 };

/** Where less is better. */
function times(
  ours: (figure: string) => number,
  of: (peer: string, figure: string) => number,
): Verdict[] {
  const faster = (what: string, target: number, peer: string, figure: string) => ({
    what,
    target,
    measured: of(peer, figure) / ours(figure),
  });
  return [
    faster("40 characters, over npm tiktoken", 10, "tiktoken", "small"),
    faster("ten messages rendered, over Python", 10, UPSTREAM, "render"),
    faster("load, over npm tiktoken", 8, "tiktoken", "load"),
  ];
}

/** Python takes one token at a time, which is what an array is compared with as well. */
function parsing(ours: (figure: string) => number, python: (figure: string) => number): Verdict[] {
  const over = (where: string, how: string, target: number) => ({
    what: `parser in a ${where}, ${how}, over Python`,
    target,
    measured: ours(`${where} ${how}`) / python(`${where} one by one`),
  });
  return [
    over("content", "array", 2),
    over("header", "array", 30),
    over("content", "one by one", 0.8),
  ].map((each) => ({ ...each, what: each.what.replace("a content", "content") }));
}

/** One line a verdict. */
export function verdictLine({ what, target, measured }: Verdict): string {
  const mark = Number.isNaN(measured) ? "not run" : measured >= target ? "met" : "MISSED";
  return `${mark.padEnd(7)} ${what}: target ${target}, measured ${measured.toFixed(2)}`;
}
