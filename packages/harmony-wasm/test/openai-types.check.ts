/**
 * Checked by the compiler alone: requests of the `openai` package's types are accepted, and the
 * answers are of its types.
 */

import type { HarmonyEncoding } from "harmony-wasm";
import {
  type ChatCompletionRequest,
  chatCompletion,
  chatCompletionChunks,
  type Prompt,
  promptFromChat,
  promptFromResponses,
  type ResponsesRequest,
  response,
  responseEvents,
} from "harmony-wasm/openai";
import type OpenAI from "openai";

type Chat = OpenAI.ChatCompletionCreateParams;
type Responses = OpenAI.Responses.ResponseCreateParams;

/** As they are, and under the names of our own types. */
export const prompts = (encoding: HarmonyEncoding, chat: Chat, responses: Responses): Prompt[] => {
  const ours: [ChatCompletionRequest, ResponsesRequest] = [chat, responses];
  return [
    promptFromChat(encoding, chat),
    promptFromChat(encoding, ours[0]),
    promptFromResponses(encoding, responses),
    promptFromResponses(encoding, ours[1]),
  ];
};

export const completion = (encoding: HarmonyEncoding, prompt: Prompt): OpenAI.ChatCompletion =>
  chatCompletion(encoding, prompt, []);

export const chunks = (
  encoding: HarmonyEncoding,
  prompt: Prompt,
): AsyncIterable<OpenAI.ChatCompletionChunk> => chatCompletionChunks(encoding, prompt, []);

export const responded = (encoding: HarmonyEncoding, prompt: Prompt): OpenAI.Responses.Response =>
  response(encoding, prompt, []);

export const events = (
  encoding: HarmonyEncoding,
  prompt: Prompt,
): AsyncIterable<OpenAI.Responses.ResponseStreamEvent> => responseEvents(encoding, prompt, []);

/** An agent's loop: the answer's messages and items are parts of the next request. */
export const nextChat = (
  encoding: HarmonyEncoding,
  messages: OpenAI.ChatCompletionMessageParam[],
  answer: OpenAI.ChatCompletion,
): Prompt => {
  const turn = answer.choices.map(({ message }) => message);
  return promptFromChat(encoding, { model: "gpt-oss", messages: [...messages, ...turn] });
};
export const nextResponse = (
  encoding: HarmonyEncoding,
  input: OpenAI.Responses.ResponseInputItem[],
  answer: OpenAI.Responses.Response,
): Prompt => promptFromResponses(encoding, { input: [...input, ...answer.output] });
