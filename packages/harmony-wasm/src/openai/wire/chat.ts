/**
 * The objects of Chat Completions that are read and written. The types are structural: `openai`'s own
 * are assignable to the request, and the answers to `openai`'s own. This module has no functions.
 */

import type { Repair } from "../../index.js";

/** A part of a message's content. */
export interface ChatContentPart {
  type: string;
  text?: string;
  refusal?: string | null;
}

/** A call of a tool, in a request. */
export interface ChatToolCall {
  id?: string;
  type?: string;
  function?: { name: string; arguments?: unknown };
  custom?: { name: string; input: string };
}

/** A message of a request. */
export interface ChatMessage {
  role: string;
  content?: string | readonly (ChatContentPart | object)[] | null;
  name?: string | null;
  reasoning?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: readonly (ChatToolCall | object)[] | null;
  tool_call_id?: string;
}

/** The fields of a Chat Completions request that most have. */
export interface ChatCompletionParams {
  model?: string | undefined;
  messages: readonly (ChatMessage | object)[];
  tools?: readonly object[] | null | undefined;
  tool_choice?: unknown;
  parallel_tool_calls?: boolean | null | undefined;
  reasoning_effort?: string | null | undefined;
  response_format?: object | null | undefined;
  stream?: boolean | null | undefined;
  stream_options?:
    | { include_usage?: boolean | undefined; include_obfuscation?: boolean | undefined }
    | null
    | undefined;
}

/** A request that has been read. Fields that are not above are looked up by name: docs/openai.md has them all. */
export interface ChatCompletionBody extends ChatCompletionParams {
  [field: string]: unknown;
}

/** A Chat Completions request: with any fields, or of the type of another package, as `openai`'s. */
export type ChatCompletionRequest = ChatCompletionBody | ChatCompletionParams;

/** A call in an answer. */
export type ChatCompletionToolCall =
  | { id: string; type: "function"; function: { name: string; arguments: string } }
  | { id: string; type: "custom"; custom: { name: string; input: string } };

/** The message of an answer. */
export interface ChatCompletionMessage {
  role: "assistant";
  content: string | null;
  refusal: string | null;
  /** The analysis; `reasoning_content` is the same, for the clients that read that. */
  reasoning?: string;
  reasoning_content?: string;
  tool_calls?: ChatCompletionToolCall[];
}

/** Why a choice ended. */
export type ChatFinishReason = "stop" | "length" | "tool_calls";

/** The log probability of one token. */
export interface ChatTokenLogprob {
  token: string;
  bytes: number[] | null;
  logprob: number;
  top_logprobs: { token: string; bytes: number[] | null; logprob: number }[];
}

/** The log probabilities of a content's tokens. */
export interface ChatLogprobs {
  content: ChatTokenLogprob[];
  refusal: null;
}

/** Counts of tokens. */
export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Absent: the backend does not say. */
  prompt_tokens_details?: { cached_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

/** An extension of this package: the repairs of recovery, and where the answer breaks the requested format. */
export interface HarmonyExtension {
  repairs: Repair[];
  /** How the answer breaks the response format or the tool choice. Absent: it does not. */
  violations?: readonly { message: string; path?: string }[];
}

/** A Chat Completions answer. */
export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: {
    index: number;
    message: ChatCompletionMessage;
    finish_reason: ChatFinishReason;
    logprobs: ChatLogprobs | null;
  }[];
  usage: ChatUsage;
  harmony?: HarmonyExtension;
}

/** A delta of a message. */
export interface ChatDelta {
  role?: "assistant";
  content?: string | null;
  reasoning?: string;
  reasoning_content?: string;
  tool_calls?: ChatToolCallDelta[];
}

/** A delta of a call. */
export interface ChatToolCallDelta {
  index: number;
  id?: string;
  type?: "function" | "custom";
  function?: { name?: string; arguments?: string };
  custom?: { name?: string; input?: string };
}

/** A chunk of a streamed Chat Completions answer. */
export interface ChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  created: number;
  model: string;
  choices: {
    index: number;
    delta: ChatDelta;
    finish_reason: ChatFinishReason | null;
    logprobs: ChatLogprobs | null;
  }[];
  usage?: ChatUsage | null;
  harmony?: HarmonyExtension;
}
