/**
 * The differential run: random calls, answered by the package and by an
 * oracle, compared as the vectors are.
 *
 *     npm run differential -- --conversations 20000 --characters 50000000 --seed 7
 *     npm run differential -- --against wheel --completions 20000
 *
 * `--against native` (the default) asks upstream's crate, built here;
 * `--against wheel` asks the Python package from PyPI, and `--against fork`
 * shows where oss-harmony answers differently. Without numbers a run takes a
 * few seconds, with a seed of its own. `--file` adds the conversations of a
 * file, one JSON text per line. The same seed and numbers give the same
 * calls.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { pythonWith } from "harmony-scripts/setup/python-environment.mjs";
import { loadHarmonyEncodingSync, StreamableParser } from "harmony-wasm";
import { CompletionIds } from "./differential/completion-ids.ts";
import { completionsOf } from "./differential/completions.ts";
import { ConversationTexts } from "./differential/conversation-texts.ts";
import { conversations } from "./differential/conversations.ts";
import { quotedToday } from "./differential/debug-escapes.ts";
import { answered, type Call, NATIVE, type OracleCommand, wheel } from "./differential/oracle.ts";
import { MAKES, randomFrom } from "./differential/texts.ts";
import { failuresOf } from "./suite.ts";
import type { Expected } from "./vectors.ts";

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "native" },
    conversations: { type: "string", default: "2000" },
    completions: { type: "string", default: "2000" },
    characters: { type: "string", default: "2000000" },
    file: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
/** Refusals are compared by their message; their stacks took a third of the time. */
Error.stackTraceLimit = 0;
const SEED = Number(values.seed);
const TEXT_LENGTH = 5_000;
const SHOWN_FAILURES = 5;
const PROGRESS_EVERY_MS = 30_000;
/** One conversation in so many comes from fast-check, with a damaged rendering to parse. */
const FROM_FAST_CHECK = 50;

const encoding = loadHarmonyEncodingSync();
const implementation = { encoding, StreamableParser };
const random = randomFrom(SEED);
const compared = { calls: 0, conversations: 0, completions: 0, characters: 0, failed: 0 };

function* textCalls(): Generator<Call> {
  const makes = Object.values(MAKES);
  for (let made = 0; compared.characters < Number(values.characters); made += 1) {
    const text = makes[made % makes.length]?.(encoding, random, TEXT_LENGTH) ?? "";
    compared.characters += text.length;
    const call = made % 2 === 0 ? "encodeOrdinary" : "encode";
    yield { call, with: call === "encode" ? { text, allowedSpecial: "all" } : { text } };
  }
}

function* conversationCalls(): Generator<Call> {
  const total = Number(values.conversations);
  const texts = new ConversationTexts(encoding, random);
  for (; compared.conversations < total; compared.conversations += 1) {
    if (compared.conversations % FROM_FAST_CHECK > 0) {
      yield renderCall({ conversationText: texts.next() });
      continue;
    }
    const seed = SEED + compared.conversations;
    const [conversation = {}] = fc.sample(arbitrary, { seed, numRuns: 1 });
    yield renderCall({ conversation });
    yield* completionsOf(encoding, conversation, random);
  }
}

const arbitrary = conversations(encoding, random);

function renderCall(given: Call["with"]): Call {
  const config = random(2) === 0 ? {} : { config: { auto_drop_analysis: random(2) === 0 } };
  const rendered = { ...given, ...config };
  const kind = random(3);
  if (kind === 0) return { call: "renderConversation", with: rendered };
  if (kind === 1) return { call: "renderConversationForTraining", with: rendered };
  const nextTurnRole = ["assistant", "user", "tool"][random(3)] ?? "assistant";
  return { call: "renderConversationForCompletion", with: { ...rendered, nextTurnRole } };
}

/** Each conversation of the file as it is, whatever its line holds. */
function* fileCalls(): Generator<Call> {
  if (values.file === undefined) return;
  for (const conversationText of readFileSync(values.file, "utf8").split("\n")) {
    if (conversationText === "") continue;
    compared.conversations += 1;
    yield renderCall({ conversationText });
  }
}

function* completionCalls(): Generator<Call> {
  const completions = new CompletionIds(encoding, random);
  for (; compared.completions < Number(values.completions); compared.completions += 1) {
    const role = random(2) === 0 ? {} : { role: "assistant" };
    const given = { tokens: completions.next(), ...role, strict: random(2) === 0 };
    if (random(2) === 0) yield { call: "parseMessagesFromCompletionTokens", with: given };
    else yield { call: "StreamableParser", with: { ...given, eos: random(2) === 0 } };
  }
}

async function oracleOf(against: string): Promise<OracleCommand> {
  if (against === "native") return NATIVE;
  if (against !== "wheel" && against !== "fork") {
    throw new Error(`--against must be native, wheel or fork, but is ${against}`);
  }
  const requirements = new URL(`../python/${against}.txt`, import.meta.url);
  return wheel(await pythonWith(`${against}-oracle`, requirements, "half a minute"));
}

function report(): void {
  const { conversations, completions, characters, calls, failed } = compared;
  console.log(
    `seed ${SEED}, against ${values.against}: ${conversations} conversations, ${completions} ` +
      `completions, ${characters} characters, ${calls} calls, ${failed} differences`,
  );
}

function differences(call: Call, expected: Expected): string[] {
  const vector = { id: `call ${compared.calls}`, ...call };
  const reasons = failuresOf(implementation, { ...vector, expected });
  if (reasons.length === 0 || values.against === "native") return reasons;
  return failuresOf(implementation, { ...vector, expected: quotedToday(expected) });
}

async function compare(oracle: OracleCommand, calls: Iterable<Call>): Promise<void> {
  for await (const [call, answer] of answered(oracle, calls)) {
    const reasons = differences(call, answer);
    compared.calls += 1;
    if (reasons.length === 0) continue;
    compared.failed += 1;
    if (compared.failed > SHOWN_FAILURES) continue;
    console.log(JSON.stringify(call).slice(0, 4000), "\n ", reasons.join("\n  "));
  }
}

const oracle = await oracleOf(values.against);
const progress = setInterval(report, PROGRESS_EVERY_MS);
for (const calls of [textCalls(), conversationCalls(), completionCalls(), fileCalls()]) {
  await compare(oracle, calls);
}
clearInterval(progress);
report();
console.log(`${compared.calls - compared.failed} passed, ${compared.failed} failed`);
if (compared.failed > 0) process.exitCode = 1;
