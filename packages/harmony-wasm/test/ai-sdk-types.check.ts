/** Checked by the compiler alone: our structural types against the SDK's own. */

import type { LanguageModelV3, LanguageModelV3Middleware } from "@ai-sdk/provider-v3";
import type { LanguageModelV4, LanguageModelV4Middleware } from "@ai-sdk/provider-v4";
import { createHarmony, harmonyTextMiddleware } from "harmony-wasm/ai-sdk";
import type { Backend } from "harmony-wasm/openai";

const backend: Backend = { async *generate() {} };

export const models: [LanguageModelV3, LanguageModelV4] = [
  createHarmony({ backend })("gpt-oss"),
  createHarmony({ backend, version: "v4" })("gpt-oss"),
];
export const middlewares: [LanguageModelV3Middleware, LanguageModelV4Middleware] = [
  harmonyTextMiddleware(),
  harmonyTextMiddleware({ version: "v4" }),
];
