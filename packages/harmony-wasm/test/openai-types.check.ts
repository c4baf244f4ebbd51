/** Checked by the compiler alone: our structural types against `openai`'s own. */

import type { ChatCompletionRequest, ResponsesRequest } from "harmony-wasm/openai";
import type OpenAI from "openai";

export const chat = (request: OpenAI.ChatCompletionCreateParams): ChatCompletionRequest => ({
  ...request,
});
export const responses = (request: OpenAI.Responses.ResponseCreateParams): ResponsesRequest => ({
  ...request,
});
