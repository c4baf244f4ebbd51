/** Shared by the tests of streams: a completion, and the forms of sources. */

import { type HarmonyEvent, loadHarmonyEncodingSync } from "harmony-wasm";

export const encoding = loadHarmonyEncodingSync();
export const tokensOf = (text: string) => [...encoding.encode(text, { allowedSpecial: "all" })];

/** A preamble, two calls, a constrained format, channels in turn, and a cut. */
export const COMPLETION = tokensOf(
  "<|channel|>analysis<|message|>Hm 🧑🏽‍🚀.<|end|>" +
    "<|start|>assistant<|channel|>commentary<|message|>I will look.<|end|>" +
    "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>" +
    "<|start|>assistant<|channel|>analysis<|message|>More.<|end|>" +
    "<|start|>assistant to=functions.g<|channel|>commentary json<|message|>[]<|call|>" +
    "<|start|>assistant<|channel|>final<|message|>Dóne, 日本",
);
export const ASSISTANT = { role: "assistant" } as const;

export async function gathered(events: AsyncIterable<HarmonyEvent>): Promise<HarmonyEvent[]> {
  const all: HarmonyEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Joins deltas, so that chunks make no difference. */
export function joined(events: readonly HarmonyEvent[]): HarmonyEvent[] {
  const all: HarmonyEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (event.type === "content-delta" && last?.type === "content-delta") {
      all[all.length - 1] = { ...last, delta: last.delta + event.delta };
    } else {
      all.push(event);
    }
  }
  return all;
}

export async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

export function streamOf<T>(items: Iterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

export function cut(at: number): number[][] {
  return [COMPLETION.slice(0, at), COMPLETION.slice(at)];
}
