/**
 * Backends over real engines: llama.cpp's server over HTTP, and llama.cpp in this
 * process. Both run a gpt-oss of random weights that writes harmony and errs.
 */

import { llamaServer } from "harmony-conformance/engine/llama-server";
import { tinyModel } from "harmony-conformance/engine/tiny-model";
import {
  continueConversation,
  loadHarmonyEncodingSync,
  RecoveringParser,
  systemMessage,
  userMessage,
} from "harmony-wasm";
import { type Backend, BackendError, llamaCppBackend } from "harmony-wasm/openai";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collected, request } from "./backend-server.ts";
import { failureOf } from "./support.ts";

const encoding = loadHarmonyEncodingSync();
const prompt = encoding.renderConversationForCompletion(
  { messages: [systemMessage(), userMessage("What is 2 + 2? 🦜")] },
  "assistant",
);
const stopTokens = encoding.stopTokensForAssistantActions();
const closers: (() => unknown)[] = [];
let address: string;
let inProcess: Backend;

beforeAll(async () => {
  const model = tinyModel();
  const server = await llamaServer(model);
  closers.push(server.close);
  address = server.url;
  inProcess = await llamaInProcess(model);
});

afterAll(async () => {
  for (const close of closers) await close();
});

/** The ten lines that a model in the same process takes. */
async function llamaInProcess(modelPath: string): Promise<Backend> {
  const logLevel = LlamaLogLevel.error;
  const llama = await getLlama({ gpu: false, build: "never", logLevel, maxThreads: 1 });
  closers.push(() => llama.dispose());
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 4096, threads: 1 });
  const sequence = context.getSequence();
  return {
    async *generate({ promptTokens, stopTokens: stops, maxTokens = 200, seed, signal }) {
      await sequence.clearHistory();
      const options = { temperature: 1, topK: 1000, topP: 1, yieldEogToken: true };
      const seeded = seed === undefined ? options : { ...options, seed };
      let left = maxTokens;
      // @ts-expect-error Ids are a nominal type there.
      for await (const token of sequence.evaluate(Array.from(promptTokens), seeded)) {
        signal.throwIfAborted();
        left -= 1;
        const finishReason = stops.includes(token) ? "stop" : left === 0 ? "length" : undefined;
        yield { tokens: [token], finishReason };
        if (finishReason !== undefined) return;
      }
    },
  };
}

const sampling = { promptTokens: prompt, stopTokens, maxTokens: 96 };

test.each([
  ["as it is likely", {}],
  ["without an end", { logitBias: { "200002": -100, "200012": -100 } }],
  // Token 172 is the first byte of an emoji: no text ever comes of it.
  ["of broken characters", { logitBias: { "172": 30 } }],
])("slices are the ids of one whole answer, %s", async (_, bias) => {
  const greedy = request({ ...sampling, temperature: 0, ...bias });
  const whole = llamaCppBackend({ baseURL: address, sliceTokens: Number.POSITIVE_INFINITY });
  const expected = await collected(whole.generate(greedy));
  expect(expected.tokens.length).toBeGreaterThan(0);
  for (const sliceTokens of [1, 5, 16]) {
    const sliced = llamaCppBackend({ baseURL: address, sliceTokens });
    expect(await collected(sliced.generate(greedy))).toEqual(expected);
  }
});

test("a seed samples the same completion again, and ends at a stop token or the maximum", async () => {
  const backend = llamaCppBackend({ baseURL: address });
  for (const seed of [1, 2, 3, 4]) {
    const seeded = request({ ...sampling, temperature: 1, seed });
    const first = await collected(backend.generate(seeded));
    expect(await collected(backend.generate(seeded))).toEqual(first);
    const last = first.tokens.at(-1) ?? 0;
    if (first.reasons[0] === "length") expect(first.tokens).toHaveLength(96);
    else
      expect([
        ...stopTokens,
        ...encoding.encode("<|endoftext|>", { allowedSpecial: "all" }),
      ]).toContain(last);
  }
});

test("an id that the model does not have is the server's error", async () => {
  const unknown = request({ promptTokens: Uint32Array.of(201_088) });
  const failure = await failureOf(() =>
    collected(llamaCppBackend({ baseURL: address }).generate(unknown)),
  );
  expect(failure).toBeInstanceOf(BackendError);
  expect(failure).toMatchObject({ status: 400 });
});

/**
 * Whether the ids from `kept` on are what no prompt holds: stop tokens after a
 * terminator or in place of it, or the header of a message without content,
 * whose `<|start|>` also begins the next message, and may be missing.
 */
function mayBeCut(history: readonly number[], kept: number): boolean {
  const cut = history.slice(kept);
  const markers = encoding.encode("<|start|><|channel|><|message|>", { allowedSpecial: "all" });
  const [start, channel, message] = markers;
  const isHeader = cut[0] === start || cut[0] === channel || history[kept - 1] === start;
  if (isHeader) return !cut.includes(message ?? -1);
  return cut.every((token) => encoding.stopTokens().includes(token));
}

test("twenty turns: every prompt begins with the one before and the ids sampled after it", async () => {
  let tokens = prompt;
  for (let turn = 0; turn < 20; turn += 1) {
    const turnRequest = request({ ...sampling, promptTokens: tokens, maxTokens: 60, seed: turn });
    const { tokens: sampled } = await collected(inProcess.generate(turnRequest));
    const parser = new RecoveringParser(encoding, "assistant");
    parser.push(sampled);
    parser.end();
    const spans = [...parser.messages, ...parser.strays].sort((a, b) => a.start - b.start);
    expect(spans.reduce((at, span) => (span.start === at ? span.end : -1), 0)).toBe(sampled.length);
    const next = continueConversation(
      encoding,
      tokens,
      sampled,
      [userMessage(`Turn ${turn}`)],
      "assistant",
    );
    const history = [...tokens, ...sampled];
    const kept = history.findIndex((token, at) => next[at] !== token);
    if (kept !== -1) expect(mayBeCut(history, kept)).toBe(true);
    parser.dispose();
    tokens = next;
  }
});
