/**
 * The bench: this package beside its peers, measured in one run.
 *
 *     npm run bench                                prints the tables and the verdict
 *     npm run bench -- --write                     and writes them into README.md and docs/speed.md
 *     npm run bench -- --only ours,tiktoken        fewer peers (ids as in peers/all.ts)
 *     npm run bench -- --corpora chinese,json      fewer corpora (names as in corpora/corpora.ts)
 *     npm run bench -- --rounds 3                  more rounds than two
 *     npm run bench -- --quick                     one round over less text
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CORPUS_NAMES, type Corpora, type CorpusName, makeCorpora } from "./corpora/corpora.ts";
import { runAll } from "./measure/run.ts";
import { makeStreams } from "./measure/streams.ts";
import { CACHE, CORPORA, ROOT, STREAMS, TOKENIZER_JSON } from "./paths.ts";
import { type Entry, OURS, PEERS } from "./peers/all.ts";
import { preparePython } from "./peers/python.ts";
import { prepareRust } from "./peers/rust.ts";
import { writeTokenizerJson } from "./peers/tokenizer-json.ts";
import { exactnessOf } from "./report/exactness.ts";
import { fullReport, type Run, shortReport } from "./report/report.ts";
import { verdictLine, verdicts } from "./report/verdict.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    corpora: { type: "string" },
    rounds: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const peers = chosenPeers(values.only?.split(","));
const corpora = prepare();
const names = chosenCorpora(values.corpora?.split(","));
const results = runAll(peers, names, values.quick ? 1 : Number(values.rounds));
const others = peers.filter(({ id }) => id !== OURS);
const exactness = new Map(others.map(({ id }) => [id, exactnessOf(id, names)]));
const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
const run: Run = { results, peers, exactness, names, corpora, command };
console.log(`${fullReport(run)}\n`);
for (const verdict of verdicts(results, peers)) console.log(verdictLine(verdict));
console.log(`\nmeasured in ${(performance.now() / 60_000).toFixed(1)} minutes`);
if (values.write) write(run);

/** Ours, which all are compared with, and those asked for, as far as the machine can run them. */
function chosenPeers(only?: string[]): Entry[] {
  refuseUnknown(
    only,
    PEERS.map(({ id }) => id),
  );
  const asked = PEERS.filter(({ id }) => id === OURS || !only || only.includes(id));
  const reasons = { javascript: undefined, rust: prepareRust, python: preparePython };
  const missing = Object.entries(reasons).flatMap(([runtime, prepare]) => {
    const reason = asked.some(({ runs }) => runs === runtime) && prepare?.();
    if (reason) console.error(reason);
    return reason ? [runtime] : [];
  });
  return asked.filter(({ runs }) => !missing.includes(runs));
}

/** Those asked for, without those for which this machine has no text. */
function chosenCorpora(only?: string[]): CorpusName[] {
  refuseUnknown(only, CORPUS_NAMES);
  const asked = CORPUS_NAMES.filter((name) => !only || only.includes(name));
  const missing = asked.filter((name) => corpora.texts[name].measured.length === 0);
  for (const name of missing)
    console.error(`no text for ${name} on this machine: it was not measured`);
  return asked.filter((name) => !missing.includes(name));
}

function refuseUnknown(asked: string[] = [], known: readonly string[]): void {
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown}; expected some of ${known}`);
}

/** Writes the files that the measuring processes read. */
function prepare(): Corpora {
  mkdirSync(CACHE, { recursive: true });
  const corpora = makeCorpora(values.quick ? 0.2 : 1);
  writeFileSync(CORPORA, JSON.stringify(corpora));
  writeFileSync(STREAMS, JSON.stringify(makeStreams(corpora.texts.documentation.measured)));
  if (!existsSync(TOKENIZER_JSON)) writeTokenizerJson();
  return corpora;
}

function write(run: Run): void {
  replaceSection(join(ROOT, "README.md"), shortReport(run));
  replaceSection(join(ROOT, "docs", "speed.md"), fullReport(run));
}

/** Replaces the text between the markers. */
function replaceSection(file: string, section: string): void {
  const page = readFileSync(file, "utf8");
  const between = /(?<=<!-- bench -->\n)[\s\S]*(?=<!-- \/bench -->)/;
  if (!between.test(page)) throw new Error(`${file} has no <!-- bench --> section`);
  writeFileSync(
    file,
    page.replace(between, () => `\n${section}\n\n`),
  );
}
