/**
 * Harmony's data, field for field as upstream's serde reads and writes it:
 * a conversation saved by the Python package renders here, and back.
 * This module promises types and the names of enumerations; it has no functions.
 */

/**
 * Who wrote a message. Mirrors upstream's `Role`.
 *
 * @example
 * ```ts
 * import { Role } from "harmony-wasm";
 *
 * Role.ASSISTANT; // => "assistant"
 * ```
 */
export const Role = {
  USER: "user",
  ASSISTANT: "assistant",
  SYSTEM: "system",
  DEVELOPER: "developer",
  TOOL: "tool",
} as const;
/** One of {@link Role}'s values. */
export type Role = (typeof Role)[keyof typeof Role];

/**
 * How much the model should think. Mirrors upstream's `ReasoningEffort`.
 *
 * @example
 * ```ts
 * import { ReasoningEffort } from "harmony-wasm";
 *
 * ReasoningEffort.HIGH; // => "High"
 * ```
 */
export const ReasoningEffort = { LOW: "Low", MEDIUM: "Medium", HIGH: "High" } as const;
/** One of {@link ReasoningEffort}'s values. */
export type ReasoningEffort = (typeof ReasoningEffort)[keyof typeof ReasoningEffort];

/**
 * Where a streaming parser stands. Mirrors upstream's `StreamState`.
 *
 * @example
 * ```ts
 * import { StreamState } from "harmony-wasm";
 *
 * StreamState.EXPECT_START; // => "ExpectStart"
 * ```
 */
export const StreamState = {
  EXPECT_START: "ExpectStart",
  HEADER: "Header",
  CONTENT: "Content",
} as const;
/** One of {@link StreamState}'s values. */
export type StreamState = (typeof StreamState)[keyof typeof StreamState];

/**
 * The encodings there are. Mirrors upstream's `HarmonyEncodingName`.
 *
 * @example
 * ```ts
 * import { HarmonyEncodingName } from "harmony-wasm";
 *
 * HarmonyEncodingName.HARMONY_GPT_OSS; // => "HarmonyGptOss"
 * ```
 */
export const HarmonyEncodingName = { HARMONY_GPT_OSS: "HarmonyGptOss" } as const;
/** One of {@link HarmonyEncodingName}'s values. */
export type HarmonyEncodingName = (typeof HarmonyEncodingName)[keyof typeof HarmonyEncodingName];

/** Plain text. */
export interface TextContent {
  text: string;
}

/** A function that the model may call. `parameters` is a JSON schema. */
export interface ToolDescription {
  name: string;
  description: string;
  parameters?: Record<string, unknown> | null;
}

/** A named group of tools; without tools, only its description is rendered. */
export interface ToolNamespaceConfig {
  name: string;
  description?: string | null;
  tools: readonly ToolDescription[];
}

/** The channels that the system message announces. */
export interface ChannelConfig {
  valid_channels: readonly string[];
  channel_required: boolean;
}

/** The content of a system message. Absent or null fields are not rendered. */
export interface SystemContent {
  model_identity?: string | null;
  reasoning_effort?: ReasoningEffort | null;
  tools?: Readonly<Record<string, ToolNamespaceConfig>> | null;
  conversation_start_date?: string | null;
  knowledge_cutoff?: string | null;
  channel_config?: ChannelConfig | null;
}

/** The content of a developer message: what other formats call the system prompt. */
export interface DeveloperContent {
  instructions?: string | null;
  tools?: Readonly<Record<string, ToolNamespaceConfig>> | null;
}

/** One part of a message's content. */
export type Content =
  | ({ type: "text" } & TextContent)
  | ({ type: "system_content" } & SystemContent)
  | ({ type: "developer_content" } & DeveloperContent);

/** A channel's name: one that the models were trained with, or any other. */
export type Channel = "analysis" | "commentary" | "final" | (string & {});

/**
 * One message. Absent and null both mean none; what this package writes has
 * no nulls, and a single text as a plain string, as upstream's serde does.
 */
export interface Message {
  role: Role;
  name?: string | null;
  recipient?: string | null;
  content: string | readonly Content[];
  channel?: Channel | null;
  content_type?: string | null;
}

/** A message that a parser returns: its content is a string. */
export interface ParsedMessage extends Message {
  content: string;
}

/** A conversation. */
export interface Conversation {
  messages: readonly Message[];
}

/**
 * A conversation, its messages, or either as JSON text. Text is lossless
 * where objects are not: JavaScript reorders keys that look like integers,
 * writes `1.0` as `1` and rounds large integers, and all of these are
 * rendered when they stand in a tool's schema.
 */
export type ConversationInput = Conversation | readonly Message[] | string;

/** Token ids: integers from 0 to 2^32 - 1. */
export type TokenInput = Uint32Array | readonly number[] | Iterable<number>;

/** Options of the renders of conversations. */
export interface RenderConversationConfig {
  /**
   * Leave out the analysis before the first final message when the last
   * assistant message is final. Default true, as in upstream's Python package.
   */
  auto_drop_analysis?: boolean;
}

/** Options of the render of one message. */
export interface RenderOptions {
  /** Whether a system message should mention the function tools. Default false. */
  conversation_has_function_tools?: boolean;
}

/** Options of recovery from whole completions and from text. */
export interface RecoverOptions {
  /**
   * The names of the tools that the prompt declares, with or without their
   * namespace. They settle which words of a malformed header are a recipient,
   * and where its name ends (`functions.fs_readjson`).
   */
  tools?: readonly string[];
}

/** Options of both parsers. */
export interface ParseOptions {
  /** False accepts a message without `<|message|>`. Default true. */
  strict?: boolean;
}

/** Options of {@link HarmonyEncoding.encode}. */
export interface EncodeOptions {
  /** Texts that become special tokens. Default none. */
  allowedSpecial?: "all" | Iterable<string>;
  /** Texts that are refused. Default all special tokens that are not allowed. */
  disallowedSpecial?: "all" | Iterable<string>;
}
