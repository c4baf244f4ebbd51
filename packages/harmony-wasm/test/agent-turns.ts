/** The turns of the tests of agent loops, and what must be true of their prompts. */

import type { GenerateRequest } from "harmony-wasm/openai";
import { expect } from "vitest";
import { ids, letters } from "./ai-sdk-support.ts";

export const TURNS = 20;

/** Parallel calls after a thought and a preamble, in ids of single letters; the last call is not ended. */
export const TWO_CALLS: readonly number[] = [
  ...ids("<|channel|>analysis<|message|>"),
  ...letters("Two cities."),
  ...ids("<|end|><|start|>assistant<|channel|>commentary<|message|>Let me look.<|end|>"),
  ...ids(
    "<|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>",
  ),
  ...letters('{"city":  "Oslo"}'),
  ...ids("<|call|><|start|>assistant<|channel|>commentary to=functions.weather json<|message|>"),
  ...letters('{ "city": "Rome" }'),
];

/** Every prompt begins with the one before and every id of `sampled` after it. */
export function expectContinued(
  requests: readonly GenerateRequest[],
  sampled: readonly number[],
  turns = TURNS,
): void {
  expect(requests).toHaveLength(turns);
  for (const [index, { promptTokens }] of requests.slice(1).entries()) {
    const before = [...(requests[index]?.promptTokens ?? []), ...sampled];
    expect([...promptTokens.subarray(0, before.length)]).toEqual(before);
  }
}
