/** A handler that samples one answer for every prompt, the `openai` client before it, and the prompts that reach it. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type Backend,
  createHarmonyHandler,
  type HandlerEvent,
  type HarmonyHandlerOptions,
} from "harmony-wasm/openai";
import OpenAI from "openai";
import { expect } from "vitest";

export const encoding = loadHarmonyEncodingSync();
/** The ids of a text with markup. */
export const ids = (text: string) => encoding.encode(text, { allowedSpecial: "all" });

// The order that gpt-oss prefers, and not the one that is rendered: only sampled ids keep it.
export const CALL =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary" +
  "<|message|>Let me look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather" +
  ' <|constrain|>json<|message|>{"city":"Oslo"}<|call|>';
export const ANSWER =
  "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>Cold.<|return|>";

export const key = "a secret of at least thirty-two bytes";
export const user = {
  type: "message" as const,
  role: "user" as const,
  content: "Weather in Oslo?",
};
export const tools = [
  { type: "function" as const, name: "weather", parameters: {}, strict: false },
];
export const request = { model: "gpt-oss", tools };
export const sealing = {
  ...request,
  store: false,
  include: ["reasoning.encrypted_content" as const],
};

/** Samples `completion` for every prompt, one id at a time. */
export function server(completion: string, options: HarmonyHandlerOptions | object = {}) {
  const prompts: Uint32Array[] = [];
  const events: HandlerEvent[] = [];
  const backend: Backend = {
    async *generate({ promptTokens }) {
      prompts.push(promptTokens);
      for (const token of ids(completion)) yield { tokens: [token] };
    },
  };
  const onEvent = (event: HandlerEvent) => events.push(event);
  const handler = createHarmonyHandler({ backend, encoding, onEvent, ...options });
  const client = (apiKey = "none") =>
    new OpenAI({
      apiKey,
      baseURL: "http://harmony/v1",
      maxRetries: 0,
      fetch: (url, init) => handler(new Request(url, init)),
    });
  return { client, openai: client(), prompts, events, handler };
}

/** An item that a client sends. */
export type Item = OpenAI.Responses.ResponseInputItem;

/** The results of the calls of an answer. */
export function results(output: readonly OpenAI.Responses.ResponseOutputItem[], turn = 0): Item[] {
  return output.flatMap((item): Item[] =>
    item.type === "function_call"
      ? [{ type: "function_call_output", call_id: item.call_id, output: `${turn} degrees` }]
      : [],
  );
}

/** Expects that each prompt begins with the previous one and the ids sampled for it. */
export function expectContinued(prompts: readonly Uint32Array[], completion: string): void {
  const sampled = ids(completion);
  for (const [index, prompt] of prompts.slice(1).entries()) {
    const before = prompts[index] ?? new Uint32Array();
    expect(prompt.subarray(0, before.length)).toEqual(before);
    expect(prompt.subarray(before.length, before.length + sampled.length)).toEqual(sampled);
  }
}

/** The last event of a stream. */
export async function last<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  let event: T | undefined;
  for await (event of stream);
  return event;
}
