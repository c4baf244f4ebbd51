/**
 * The AI SDK's provider specification, V3 and V4, as far as it is read and
 * written here. The types are structural, so that the published package depends
 * on no SDK: `LanguageModelV3`'s and `LanguageModelV4`'s options are assignable
 * to {@link CallOptions}, and a model of ours to theirs. This module promises
 * types; it has no functions.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** What a provider keeps beside a part, under its own name. */
export type ProviderData = Record<string, JsonObject>;

/** Such data as it comes back: from anywhere. */
export type GivenData = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a tool answered: text, JSON, parts, an error, or a refusal to run it. */
export interface ToolOutput {
  type: string;
  value?: unknown;
  reason?: string | undefined;
}

/** One part of a message of the prompt. */
export interface PromptPart {
  type: string;
  text?: string | undefined;
  toolCallId?: string;
  toolName?: string;
  input?: unknown;
  output?: ToolOutput;
  providerOptions?: GivenData | undefined;
}

/** A message of the prompt. */
export interface PromptMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string | readonly PromptPart[];
}

/** A tool of the call: a function, or one that a provider defines. */
export interface ToolOffer {
  type: string;
  name: string;
  id?: string;
  description?: string | undefined;
  inputSchema?: unknown;
  inputExamples?: readonly object[] | undefined;
  strict?: boolean | undefined;
}

/** What a call asks for. */
export interface CallOptions {
  prompt: readonly PromptMessage[];
  maxOutputTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  stopSequences?: readonly string[] | undefined;
  seed?: number | undefined;
  responseFormat?: ResponseFormat | undefined;
  tools?: readonly ToolOffer[] | undefined;
  toolChoice?: { type: string; toolName?: string } | undefined;
  includeRawChunks?: boolean | undefined;
  abortSignal?: AbortSignal | undefined;
  /** The effort, in `ai` 7. */
  reasoning?: string | undefined;
  providerOptions?: GivenData | undefined;
}

/** What the answer must be. */
export interface ResponseFormat {
  type: "text" | "json";
  schema?: unknown;
  name?: string | undefined;
  description?: string | undefined;
}

/** Something that a call asks for and does not get. */
export type CallWarning =
  | { type: "unsupported"; feature: string; details?: string }
  | { type: "compatibility"; feature: string; details?: string }
  | { type: "other"; message: string };

/** Why the completion ended. */
export interface FinishReason {
  unified: "stop" | "length" | "tool-calls" | "error";
  raw: string | undefined;
}

/** Counts of tokens; an unknown count is undefined. */
export interface Usage {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: {
    total: number | undefined;
    text: number | undefined;
    reasoning: number | undefined;
  };
}

/** A text of the answer. */
export interface TextContent {
  type: "text";
  text: string;
  providerMetadata?: ProviderData;
}

/** A thought of the answer. */
export interface ReasoningContent {
  type: "reasoning";
  text: string;
  providerMetadata?: ProviderData;
}

/** A call of the answer; `input` is JSON text. */
export interface ToolCallContent {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: string;
  providerMetadata?: ProviderData;
}

/** A part of the answer. */
export type Content = TextContent | ReasoningContent | ToolCallContent;

/** One event of a streamed part: a text, a thought, or a call. */
export type ContentEvent =
  | { type: "text-start" | "text-end"; id: string; providerMetadata?: ProviderData }
  | { type: "text-delta"; id: string; delta: string }
  | { type: "reasoning-start" | "reasoning-end"; id: string; providerMetadata?: ProviderData }
  | { type: "reasoning-delta"; id: string; delta: string }
  | { type: "tool-input-start"; id: string; toolName: string }
  | { type: "tool-input-delta"; id: string; delta: string }
  | { type: "tool-input-end"; id: string }
  | ToolCallContent;

/** One event of a streamed answer. */
export type StreamPart =
  | ContentEvent
  | { type: "stream-start"; warnings: CallWarning[] }
  | { type: "response-metadata"; id: string; timestamp: Date; modelId: string }
  | { type: "raw"; rawValue: unknown }
  | { type: "error"; error: unknown }
  | {
      type: "finish";
      finishReason: FinishReason;
      usage: Usage;
      providerMetadata: ProviderData;
    };

/** A whole answer. */
export interface GenerateResult {
  content: Content[];
  /** The final message alone, where JSON was asked for; `ai` 7 reads it. */
  structuredOutputText?: string;
  finishReason: FinishReason;
  usage: Usage;
  providerMetadata: ProviderData;
  response: { id: string; timestamp: Date; modelId: string };
  warnings: CallWarning[];
}

/** A language model of the specification `version`. */
export interface LanguageModel<Version extends "v3" | "v4" = "v3"> {
  readonly specificationVersion: Version;
  readonly provider: string;
  readonly modelId: string;
  /** No file has tokens in the harmony format. */
  readonly supportedUrls: Record<string, never>;
  doGenerate(options: CallOptions): Promise<GenerateResult>;
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<StreamPart> }>;
}
