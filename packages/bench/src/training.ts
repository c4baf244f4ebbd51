/**
 * The cost of training data beside a bare render of the same JSON text:
 *
 *     node packages/bench/src/training.ts
 *
 * The least of interleaved runs, in processor time, so that a busy machine
 * changes little. Turns of question, thought, call, result and answer.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { pack, renderTrainingSamples } from "harmony-wasm/train";

const ROUNDS = 30;
const MICROSECONDS = 20_000;
const TURNS = [1, 2, 10];
const encoding = loadHarmonyEncodingSync();

function conversationOf(turns: number): string {
  const words = "the model should answer with care and detail when asked about the tokens of ";
  const text = words.repeat(5);
  const messages = Array.from({ length: turns }, (_, turn) => [
    { role: "user", content: `Question ${turn}? ${text}` },
    { role: "assistant", channel: "analysis", content: `Thought ${turn}. ${text}` },
    {
      role: "assistant",
      channel: "commentary",
      recipient: "functions.f",
      content: `{"a":${turn}}`,
    },
    { role: "tool", name: "functions.f", channel: "commentary", content: `{"b":${turn}}` },
    { role: "assistant", channel: "final", content: `Answer ${turn}. ${text}` },
  ]);
  return JSON.stringify({ messages: messages.flat() });
}

/** Microseconds of the processor for each call. */
function leastOf(calls: Record<string, () => unknown>): Map<string, number> {
  const least = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(calls)) {
      const before = process.cpuUsage();
      let [spent, runs] = [0, 0];
      while (spent < MICROSECONDS) {
        for (let run = 0; run < 100; run += 1) call();
        runs += 100;
        const { user, system } = process.cpuUsage(before);
        spent = user + system;
      }
      least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, spent / runs));
    }
  }
  return least;
}

for (const turns of TURNS) {
  const text = conversationOf(turns);
  const least = leastOf({
    render: () => encoding.renderConversationForTraining(text),
    spans: () => encoding.renderWithSpans(text, { for: "training" }),
    samples: () => renderTrainingSamples(encoding, text),
    "drop-history": () => renderTrainingSamples(encoding, text, { analysis: "drop-history" }),
    "per-turn": () => renderTrainingSamples(encoding, text, { analysis: "per-turn" }),
  });
  const render = least.get("render") ?? Number.NaN;
  const figures = Array.from(least, ([name, time]) => {
    return `${name} ${(time / render).toFixed(2)} (${Math.round(1e6 / time)}/s)`;
  });
  console.log(`${encoding.renderConversation(text).length} ids: ${figures.join(", ")}`);
}

const sizes = Array.from({ length: 1_000_000 }, (_, index) => 20 + ((index * 7919) % 3900));
const before = performance.now();
const packs = pack(sizes, { length: 4096 }).length;
const filled = sizes.reduce((sum, size) => sum + size, 0) / (packs * 4096);
const took = Math.round(performance.now() - before);
console.log(`pack: ${sizes.length} lengths in ${took} ms, ${(100 * filled).toFixed(2)}% filled`);
