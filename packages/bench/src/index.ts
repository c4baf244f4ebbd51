/**
 * The bench: this package beside its peers, measured in one run.
 *
 *     npm run bench                          prints the tables and the verdict
 *     npm run bench -- --write                  and writes the tables into the README
 *     npm run bench -- --only ours,tiktoken     fewer peers (ids as in peers/all.ts)
 *     npm run bench -- --quick                  one round over less text
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeCorpora } from "./corpora.ts";
import { exactnessOf } from "./exactness.ts";
import { CACHE, CORPORA, ROOT, STREAMS, TOKENIZER_JSON } from "./paths.ts";
import { type Entry, OURS, PEERS } from "./peers/all.ts";
import { preparePython } from "./python.ts";
import { report } from "./report.ts";
import { runAll } from "./run.ts";
import { makeStreams } from "./streams.ts";
import { writeTokenizerJson } from "./tokenizer-json.ts";
import { verdictLine, verdicts } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const peers = chosen(values.only?.split(","));
const corpora = prepare();
const results = runAll(peers, values.quick ? 1 : Number(values.rounds));
const others = peers.filter(({ id }) => id !== OURS);
const exactness = new Map(others.map(({ id }) => [id, exactnessOf(id)]));
const text = report(results, peers, exactness, corpora);
console.log(`${text}\n`);
for (const verdict of verdicts(results, peers)) console.log(verdictLine(verdict));
if (values.write) writeReadme(text);

/** Ours, which all are compared with, and those asked for; without Python, none of its peers. */
function chosen(only?: string[]): Entry[] {
  const unknown = only?.filter((id) => !PEERS.some((peer) => peer.id === id)) ?? [];
  if (unknown.length > 0)
    throw new Error(`no peer ${unknown}; there are ${PEERS.map(({ id }) => id)}`);
  const asked = PEERS.filter(({ id }) => id === OURS || !only || only.includes(id));
  if (!asked.some(({ runs }) => runs === "python")) return asked;
  const reason = preparePython();
  if (reason) console.error(reason);
  return reason ? asked.filter(({ runs }) => runs !== "python") : asked;
}

/** Writes what the child processes read, and says which corpora they are. */
function prepare(): string {
  mkdirSync(CACHE, { recursive: true });
  const corpora = makeCorpora(values.quick ? 0.2 : 1);
  writeFileSync(CORPORA, JSON.stringify(corpora));
  writeFileSync(STREAMS, JSON.stringify(makeStreams(corpora.texts.english.measured)));
  if (!existsSync(TOKENIZER_JSON)) writeTokenizerJson();
  return corpora.sha256.slice(0, 12);
}

/** Replaces what stands between the markers. */
function writeReadme(section: string): void {
  const file = join(ROOT, "README.md");
  const readme = readFileSync(file, "utf8");
  const between = /(?<=<!-- bench -->\n)[\s\S]*(?=<!-- \/bench -->)/;
  if (!between.test(readme)) throw new Error("README.md has no <!-- bench --> section");
  writeFileSync(
    file,
    readme.replace(between, () => `\n${section}\n\n`),
  );
}
