/** Clients over the handler, which they take as their `fetch`, and a scripted backend behind it. */

import { createOpenResponses } from "@ai-sdk/open-responses";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { createHarmonyHandler } from "harmony-wasm/openai";
import OpenAI from "openai";
import { encoding, type Scripted, scripted } from "./ai-sdk-support.ts";

const baseURL = "http://harmony/v1";
const apiKey = "none";
export const MODEL = "gpt-oss-20b";

/** One server, and every client that is tested against it. */
export function clients(...completions: Scripted[]) {
  const { backend, requests } = scripted(...completions);
  const handler = createHarmonyHandler({ backend, encoding });
  const fetch: typeof globalThis.fetch = (input, init) => handler(new Request(input, init));
  return {
    requests,
    fetch,
    openai: () => new OpenAI({ apiKey, baseURL, maxRetries: 0, fetch }),
    langChain: (useResponsesApi: boolean) =>
      new ChatOpenAI({
        ...{ model: MODEL, apiKey, maxRetries: 0, useResponsesApi, streamUsage: true },
        configuration: { baseURL, fetch },
      }),
    /** The SDK's providers of others. */
    models: () => ({
      "@ai-sdk/openai, Responses": createOpenAI({ apiKey, baseURL, fetch }).responses(MODEL),
      "@ai-sdk/openai, Chat Completions": createOpenAI({ apiKey, baseURL, fetch }).chat(MODEL),
      "@ai-sdk/openai-compatible": createOpenAICompatible({
        ...{ name: "harmony", apiKey, baseURL, fetch, includeUsage: true },
      }).chatModel(MODEL),
      "@ai-sdk/open-responses": createOpenResponses({
        ...{ name: "harmony", apiKey, url: `${baseURL}/responses`, fetch },
      })(MODEL),
    }),
  };
}
