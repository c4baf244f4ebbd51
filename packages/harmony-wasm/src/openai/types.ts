/**
 * Types between a request and its answer: the prompt, sampling parameters and constraints for the
 * backend, and the sampled tokens. This module has no functions.
 */

import type { Conversation, ReasoningEffort, TokenInput } from "../index.js";
import type { ChatCompletionBody } from "./wire/chat.js";
import type { ResponsesBody } from "./wire/responses.js";

/** A part of a request that is not carried over, or only in part, without stopping it. */
export interface Warning {
  /** The kind, a stable name. */
  code: WarningCode;
  /** A sentence for people. */
  message: string;
  /** The JSON path of the field in the request, if it is about one. */
  param?: string;
}

/** Kinds of {@link Warning}. docs/openai.md has a line on each. */
export type WarningCode =
  | "unsupported_parameter"
  | "unsupported_value"
  | "clamped_value"
  | "ignored_parameter"
  | "omitted_item"
  | "unconstrained"
  | "collapsed_schema";

/** Options of `promptFromChat` and `promptFromResponses`. */
export interface PromptOptions {
  /** The date in the system message, `2025-06-28`. Default none: a prompt is a function of its request. */
  conversationStartDate?: string;
  /** The knowledge cutoff in the system message. Default upstream's. */
  knowledgeCutoff?: string;
  /** The model identity in the system message. Default upstream's. */
  modelIdentity?: string;
  /** The effort of requests that name none. Default medium. */
  reasoningEffort?: ReasoningEffort | Lowercase<ReasoningEffort>;
  /** Keep all analysis. Default false: analysis before the last final message is dropped. */
  keepAnalysis?: boolean;
  /** Where the sampled ids of earlier turns are found. Default none: turns are rendered again. */
  history?: SampledHistory;
  /** How to treat a parameter that harmony cannot express. Default `"throw"`. */
  unsupported?: "throw" | "warn";
  /**
   * Built-in tools that the caller executes: `web_search` and `code_interpreter`
   * in a Responses request are refused without them.
   */
  builtinTools?: readonly ("browser" | "python")[];
  /**
   * Render tools by their simplified schemas, see `simplifySchema`; constraints keep the given ones.
   * Default false: the ids are those of the schemas as they are given.
   */
  simplifySchemas?: boolean;
  /** Leave the tools in the prompt when `tool_choice` is `"none"`, for the prefix cache. Default false. */
  keepToolsOnNone?: boolean;
}

/** One tool that the model may call. */
export interface Tool {
  /** Who a call is addressed to: `functions.get_weather`. */
  recipient: string;
  /** The name in the request: `get_weather`. */
  name: string;
  /** The namespace of the request's tool, if it is in one. */
  namespace?: string;
  type: "function" | "custom" | "browser" | "python";
  /** The schema of the arguments, as JSON text. */
  parameters?: string;
  /** Whether the request asks for arguments that follow the schema. */
  strict: boolean;
  /** The format of a custom tool's input, if it is not free text. */
  format?: CustomFormat;
}

/** The format of a custom tool's input. */
export interface CustomFormat {
  type: "grammar";
  syntax: "lark" | "regex";
  definition: string;
}

/** Sampling parameters. Those that the request leaves open are absent. */
export interface Sampling {
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  logitBias?: Readonly<Record<string, number>>;
  /** How many alternatives a token's log probability comes with; absent: no log probabilities. */
  logprobs?: number;
  /** How many choices. Default 1. */
  n?: number;
  /** Texts that end the final message, and only that. */
  stop?: readonly string[];
}

/**
 * A constraint on the last message of the turn. Analysis and a preamble may come before it.
 */
export interface Constraint {
  /** Whether the turn must end with a call, so that it has no final message. */
  mustCall: boolean;
  /** The form of the final message. Absent: free text. */
  answer?: AnswerFormat;
  /** The calls that the turn may end with. Absent: any call, of any arguments. */
  calls?: readonly CallFormat[];
}

/** The form of a final message. */
export type AnswerFormat =
  | { type: "json_object" }
  | { type: "json_schema"; name: string; schema: string; strict: boolean };

/** The form of a call. */
export interface CallFormat {
  recipient: string;
  /** The schema of the arguments, as JSON text. Absent: any JSON for a function, any text for a custom tool. */
  schema?: string;
  type: "function" | "custom";
  format?: CustomFormat;
}

/** A request as a prompt. */
export interface Prompt {
  /** The ids to send to the backend. */
  tokens: Uint32Array;
  /** The conversation that the ids render. */
  conversation: Conversation;
  /** The ids that end the completion. */
  stopTokens: number[];
  sampling: Sampling;
  /** A constraint on the completion, for the backend. */
  constraint?: Constraint;
  /** The tools that the model is offered, by recipient. */
  tools: ReadonlyMap<string, Tool>;
  warnings: Warning[];
  /** False: only the first call of a turn is part of the answer. */
  parallelToolCalls: boolean;
  /** The request, for the fields that an answer repeats. */
  request: PromptRequest;
}

/** The request of a prompt, parsed. */
export type PromptRequest =
  | { api: "chat"; body: ChatCompletionBody }
  | { api: "responses"; body: ResponsesBody };

/** Identifies a turn of a request. */
export interface TurnKey {
  /** The ids of its objects: of calls (`call_…`) and of items (`rs_…`, `msg_…`, `fc_…`). */
  ids: readonly string[];
  /** The `encrypted_content` of its reasoning items. Untrusted. */
  encryptedContent: readonly string[];
  /** The texts of the turn for the user, joined by newlines. */
  text: string;
}

/** Finds the sampled ids of earlier turns. */
export interface SampledHistory {
  /**
   * The thought in an `encrypted_content` that a reasoning item has in place of
   * its content; undefined for one that is not ours.
   */
  thought?(encryptedContent: string): string | undefined;
  /**
   * The completion that was sampled for a turn, as it was, with its stop token.
   * Ids that do not read as the turn in the request are not used: an edited
   * turn is rendered again.
   */
  find(turn: TurnKey): TokenInput | undefined;
}

/** Tokens of a completion as a backend gives them. */
export interface TokenChunk {
  tokens: number | TokenInput;
  /** Why sampling ended, in the last chunk. */
  finishReason?: "stop" | "length" | undefined;
  /** One per token, if they were asked for. */
  logprobs?: readonly TokenLogprob[] | undefined;
  /** Which of the `n` choices the tokens continue. Default 0. */
  choice?: number | undefined;
  /** How many tokens of the prompt the backend had in its cache. Absent: not known. */
  cachedTokens?: number | undefined;
}

/** The log probability of a sampled token, and those of the likeliest ones. */
export interface TokenLogprob {
  token: number;
  logprob: number;
  top?: readonly { token: number; logprob: number }[];
}

/** A source of the tokens of a completion: ids, arrays of ids, or chunks of a backend. */
export type CompletionSource =
  | AsyncIterable<number | TokenInput | TokenChunk>
  | Iterable<number | TokenInput | TokenChunk>;

/** Options of the functions that make an answer. */
export interface AnswerOptions {
  /** The id of the object. Default a random one. */
  id?: string;
  /** Seconds since 1970. Default now. */
  created?: number;
  /** The name of the model. Default the request's. */
  model?: string;
  /** Why sampling ended. Default `"stop"` after a stop token, else `"length"`. */
  finishReason?: "stop" | "length";
  /** Makes the ids of calls and items. Default random ones. */
  newId?: (prefix: IdPrefix) => string;
}

/** The kinds of ids. */
export type IdPrefix =
  | "chatcmpl-"
  | "call_"
  | "resp_"
  | "rs_"
  | "msg_"
  | "fc_"
  | "ctc_"
  | "ci_"
  | "ws_";

/** Options of the functions that make a stream. */
export interface StreamOptions extends AnswerOptions {
  /** Ends the stream with its reason when it is aborted. */
  signal?: AbortSignal;
}

/** Options of `responseEvents`. */
export interface EventOptions extends StreamOptions, ResponseExtras {
  /** Maps an error of the source to a message for the client. The stream then ends with the protocol's failure event instead of throwing. */
  failure?: (error: unknown) => { code: string; message: string };
}

/** Options of the functions that make a Responses answer, beside those of every answer. */
export interface ResponseExtras {
  /** The `encrypted_content` of a reasoning item, made of its thought when the item ends. */
  encrypt?: (thought: string) => string;
  /** The response before this one. */
  previousResponseId?: string;
}
