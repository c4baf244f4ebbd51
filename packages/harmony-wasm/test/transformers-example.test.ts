/**
 * examples/transformers.ts with the library's real streamers, stopping criteria
 * and tensors, driven as its `generate` drives them; the model behind is a list of ids.
 */

import type { BaseStreamer, StoppingCriteriaList, Tensor } from "@huggingface/transformers";
import { createHarmonyHandler } from "harmony-wasm/openai";
import * as onnx from "onnxruntime-common";
import OpenAI from "openai";
import { expect, test } from "vitest";
import type { Generator } from "../../../examples/transformers.ts";
import { encoding, ids } from "./ai-sdk-support.ts";

// Its tensors are the engine's, without which the library is loaded here.
Object.assign(globalThis, { [Symbol.for("onnxruntime")]: onnx });
const { transformersBackend } = await import("../../../examples/transformers.ts");

const ANSWER = ids("<|channel|>final<|message|>It is cold. 🦜<|return|>");
const prompt = encoding.renderConversationForCompletion(
  [{ role: "user", content: "Hi" }],
  "assistant",
);
const request = () => {
  const controller = new AbortController();
  const stopTokens = encoding.stopTokensForAssistantActions();
  return { controller, promptTokens: prompt, stopTokens, signal: controller.signal };
};

interface Options {
  inputs: Tensor;
  streamer: BaseStreamer;
  stopping_criteria: StoppingCriteriaList;
  eos_token_id: number[];
  max_new_tokens: number;
}

/** What `generate` does: the prompt goes to the streamer first, then each id, until something stops it. */
function modelOf(sampled: Iterable<number>, seen: Options[] = []): Generator {
  return {
    async generate(given: unknown) {
      const options = given as Options;
      seen.push(options);
      const { inputs, streamer, stopping_criteria, eos_token_id, max_new_tokens } = options;
      streamer.put([Array.from(inputs.data, BigInt)]);
      let count = 0;
      for (const token of sampled) {
        await Promise.resolve();
        streamer.put([[BigInt(token)]]);
        count += 1;
        const [isStopped] = stopping_criteria._call([[token]], []);
        if (isStopped || eos_token_id.includes(token) || count === max_new_tokens) break;
      }
      streamer.end();
      return inputs;
    },
  };
}

test("the ids are those that were sampled, without the prompt", async () => {
  const seen: Options[] = [];
  const tokens: number[] = [];
  const { controller: _, ...plain } = request();
  for await (const chunk of transformersBackend(modelOf(ANSWER, seen)).generate({
    ...plain,
    maxTokens: 50,
  })) {
    tokens.push(...chunk.tokens);
  }
  expect(tokens).toEqual([...ANSWER]);
  expect(seen[0]?.inputs.dims).toEqual([1, prompt.length]);
  expect(Array.from(seen[0]?.inputs.data ?? [], Number)).toEqual([...prompt]);
  expect(seen[0]).toMatchObject({ eos_token_id: [200002, 200012], max_new_tokens: 50 });
});

test("a client in the same program gets the answer", async () => {
  const handler = createHarmonyHandler({ backend: transformersBackend(modelOf(ANSWER)), encoding });
  const openai = new OpenAI({
    ...{ apiKey: "none", baseURL: "http://harmony/v1" },
    fetch: (url, init) => handler(new Request(url, init)),
  });
  const call = { model: "gpt-oss", messages: [{ role: "user" as const, content: "Hi" }] };
  expect(await openai.chat.completions.stream(call).finalContent()).toBe("It is cold. 🦜");
});

test("an answer that the model's own maximum cuts has that as its reason", async () => {
  const model = modelOf(ANSWER.slice(0, -3));
  const handler = createHarmonyHandler({ backend: transformersBackend(model), encoding });
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hi" }] });
  const init = { method: "POST", body };
  const response = await handler(new Request("http://harmony/v1/chat/completions", init));
  const content = expect.stringContaining("It is cold.");
  const choice = { message: { content }, finish_reason: "length" };
  expect(await response.json()).toMatchObject({ choices: [choice] });
});

test("an abort, and a reader that leaves, stop the model", async () => {
  for (const leave of [true, false]) {
    let count = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) {
          count += 1;
          yield ANSWER[0] ?? 0;
        }
      },
    };
    let ended: Promise<unknown> = Promise.resolve();
    const model = modelOf(endless);
    const watched: Generator = {
      generate(options) {
        const generated = model.generate(options);
        ended = generated;
        return generated;
      },
    };
    const { controller, ...rest } = request();
    const chunks = transformersBackend(watched).generate({ ...rest, maxTokens: 1e9 });
    try {
      for await (const _ of chunks) {
        if (leave) break;
        controller.abort();
      }
    } catch (error) {
      expect(Object(error).name).toBe("AbortError");
    }
    await ended;
    expect(count).toBeLessThan(1e9);
  }
});

test("a failure of the model is the backend's", async () => {
  const model: Generator = { generate: () => Promise.reject(new Error("out of memory")) };
  const { controller: _, ...plain } = request();
  const chunks = transformersBackend(model).generate(plain)[Symbol.asyncIterator]();
  await expect(chunks.next()).rejects.toThrow("out of memory");
});
