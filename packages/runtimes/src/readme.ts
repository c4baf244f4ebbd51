/** The README's table: the lines of the guide, with what their cases measured. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { table } from "harmony-bench/table";
import { LINES, type Line } from "./guide.ts";
import type { Outcome } from "./table.ts";

export const README = new URL("../../../README.md", import.meta.url);
const SECTION = /(?<=<!-- runtimes -->\n)[\s\S]*(?=<!-- \/runtimes -->)/;
const HEAD = [
  "where you are",
  "what to write",
  "first ids, ms",
  "raw, KB",
  "gzip, KB",
  "brotli, KB",
];
/** The columns of words; the others are figures. */
const WORDS = 2;

/** What stands between the markers. */
export function readmeSection(): string {
  const section = SECTION.exec(readFileSync(README, "utf8"))?.[0];
  if (section === undefined) throw new Error("README.md has no <!-- runtimes --> section");
  return section;
}

/** Writes the table anew; every case must have passed. */
export function writeReadme(outcomes: readonly Outcome[]): void {
  const readme = readFileSync(README, "utf8");
  const rows = LINES.map((line) => rowOf(line, outcomes));
  const [cpu] = cpus();
  const measured = `Measured by \`npm run runtimes -- --write\` on ${today()}: ${cpu?.model}, ${cpus().length} cores; the best of three runs of each case.`;
  const text = `\n${table(HEAD, rows, WORDS)}\n\n${measured}\n\n`;
  writeFileSync(
    README,
    readme.replace(SECTION, () => text),
  );
}

function rowOf({ where, write, cases }: Line, outcomes: readonly Outcome[]): string[] {
  const found = outcomes.filter(({ name }) => cases.includes(name));
  if (found.length !== cases.length) throw new Error(`not all cases of "${where}" have passed`);
  const sizes = found.flatMap((outcome) => outcome.sizes ?? []);
  return [
    where,
    write,
    // A clock that stands still measures nothing.
    range(found.map(({ firstIdsMs }) => firstIdsMs).filter((ms) => ms > 0)),
    ...(["raw", "gzip", "brotli"] as const).map((kind) =>
      range(sizes.map((size) => size[kind] / 1e3)),
    ),
  ];
}

function range(values: number[]): string {
  if (values.length === 0) return "–";
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) =>
    Math.round(value).toLocaleString("en-US"),
  );
  return least === most ? `${least}` : `${least}–${most}`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
