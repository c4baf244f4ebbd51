/** The table of docs/runtimes.md: the lines of the guide, with what their cases measured. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { table } from "harmony-bench/table";
import { LINES, type Line } from "./guide.ts";
import type { Outcome } from "./table.ts";

export const PAGE = new URL("../../../docs/runtimes.md", import.meta.url);
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

/** The table between the markers. */
export function guideSection(): string {
  const section = SECTION.exec(readFileSync(PAGE, "utf8"))?.[0];
  if (section === undefined) throw new Error("docs/runtimes.md has no <!-- runtimes --> section");
  return section;
}

/** Writes the table again; every case must have passed. */
export function writeGuide(outcomes: readonly Outcome[]): void {
  const page = readFileSync(PAGE, "utf8");
  const rows = LINES.map((line) => rowOf(line, outcomes));
  const [cpu] = cpus();
  const measured = `Measured by \`npm run runtimes -- --write\` on ${today()}: ${cpu?.model}, ${cpus().length} cores; the best of three runs of each case.`;
  const text = `\n${table(HEAD, rows, WORDS)}\n\n${measured}\n\n`;
  writeFileSync(
    PAGE,
    page.replace(SECTION, () => text),
  );
}

function rowOf({ where, write, cases }: Line, outcomes: readonly Outcome[]): string[] {
  const found = outcomes.filter(({ name }) => cases.includes(name));
  if (found.length !== cases.length) throw new Error(`not all cases of "${where}" have passed`);
  const sizes = found.flatMap((outcome) => outcome.sizes ?? []);
  return [
    where,
    write,
    // workerd freezes its clock, so it reports 0.
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
