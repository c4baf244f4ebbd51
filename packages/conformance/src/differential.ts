/**
 * The differential run: random calls, answered by the package and by the
 * oracle, compared as the vectors are.
 *
 *     npm run differential -- --conversations 20000 --characters 50000000 --seed 7
 *
 * Without numbers it takes a few seconds, with a seed of its own.
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import { loadHarmonyEncodingSync, StreamableParser } from "harmony-wasm";
import { completionsOf } from "./differential/completions.ts";
import { conversations } from "./differential/conversations.ts";
import { answered, type Call } from "./differential/oracle.ts";
import { MAKES, randomFrom } from "./differential/texts.ts";
import { failuresOf } from "./suite.ts";

const { values } = parseArgs({
  options: {
    conversations: { type: "string", default: "300" },
    characters: { type: "string", default: "3000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const SEED = Number(values.seed);
const TEXT_LENGTH = 5_000;
const SHOWN_FAILURES = 5;

const encoding = loadHarmonyEncodingSync();
const implementation = { encoding, StreamableParser };
const random = randomFrom(SEED);
const compared = { calls: 0, conversations: 0, characters: 0 };

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
  const arbitrary = conversations(encoding, random);
  for (let made = 0; made < total; made += 100) {
    const numRuns = Math.min(100, total - made);
    for (const conversation of fc.sample(arbitrary, { seed: SEED + made, numRuns })) {
      compared.conversations += 1;
      const config = random(2) === 0 ? {} : { config: { auto_drop_analysis: random(2) === 0 } };
      const nextTurnRole = ["assistant", "user", "tool"][random(3)] ?? "assistant";
      yield { call: "renderConversation", with: { conversation, ...config } };
      yield { call: "renderConversationForTraining", with: { conversation, ...config } };
      yield {
        call: "renderConversationForCompletion",
        with: { conversation, nextTurnRole, ...config },
      };
      yield* completionsOf(encoding, conversation, random);
    }
  }
}

let failed = 0;
for (const calls of [textCalls(), conversationCalls()]) {
  for await (const [call, expected] of answered(calls)) {
    const id = `call ${compared.calls}`;
    const reasons = failuresOf(implementation, { id, ...call, expected });
    compared.calls += 1;
    if (reasons.length === 0) continue;
    failed += 1;
    if (failed <= SHOWN_FAILURES)
      console.log(JSON.stringify(call).slice(0, 4000), "\n ", reasons.join("\n  "));
  }
}
console.log(
  `seed ${SEED}: ${compared.conversations} conversations, ${compared.characters} characters, ${compared.calls} calls`,
);
console.log(`${compared.calls - failed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
