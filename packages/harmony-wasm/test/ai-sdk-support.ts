/** The Vercel AI SDK in two versions, and a backend whose completions are written down. */

import * as v7 from "ai";
import * as v6 from "ai-v6";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { createHarmony } from "harmony-wasm/ai-sdk";
import type { Backend, GenerateRequest } from "harmony-wasm/openai";

export const encoding = loadHarmonyEncodingSync();
/** The ids of a text with its markup. */
export const ids = (text: string) => encoding.encode(text, { allowedSpecial: "all" });

const stops = encoding.stopTokensForAssistantActions();

export const SDKS: [name: string, sdk: typeof v7][] = [
  // @ts-expect-error Types of what no test uses differ.
  ["ai 6", v6],
  ["ai 7", v7],
];

/** The schema of an object with a city. */
export const CITY = {
  type: "object" as const,
  properties: { city: { type: "string" as const } },
  required: ["city"],
  additionalProperties: false,
};

/** Two tools; with `execute`, the SDK runs them and goes on. */
export function toolsOf(sdk: typeof v7, execute?: (input: unknown) => string): v7.ToolSet {
  const run = execute && { execute };
  const weather = { description: "The weather", inputSchema: sdk.jsonSchema(CITY), ...run };
  const now = { inputSchema: sdk.jsonSchema({ type: "object", properties: {} }), ...run };
  return { weather, now };
}

/** What a completion is: text with markup, ids, or the failure of the backend. */
export type Scripted = string | Iterable<number> | Error;

/** A backend that samples the completions in turn, one id at a time, and keeps what it was asked for. */
export function scripted(...completions: Scripted[]) {
  const requests: GenerateRequest[] = [];
  const backend: Backend = {
    async *generate(request) {
      const completion = completions[requests.length % completions.length] ?? "";
      requests.push(request);
      if (completion instanceof Error) throw completion;
      const tokens = idsOf(completion);
      for (const token of tokens) yield { tokens: [token] };
      yield { tokens: [], finishReason: stops.includes(tokens.at(-1) ?? 0) ? "stop" : "length" };
    },
  };
  const model = createHarmony({ backend, encoding })("gpt-oss-20b");
  return { backend, requests, model };
}

export function idsOf(completion: string | Iterable<number>): number[] {
  return [...(typeof completion === "string" ? ids(completion) : completion)];
}

/** Text as ids that rendering would not give: each character an id of its own. */
export function letters(text: string): number[] {
  return [...text].flatMap((letter) => [...encoding.encodeOrdinary(letter)]);
}
