/**
 * Harmony's data, field for field as upstream's serde reads and writes it: a
 * conversation saved by the Python package renders here, and the other way
 * round. Types and the names of enumerations only.
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
 * How much the model reasons. Mirrors upstream's `ReasoningEffort`.
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
 * What a streaming parser expects next. Mirrors upstream's `StreamState`.
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
 * The names of the encodings. Mirrors upstream's `HarmonyEncodingName`.
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

/** A function that the model can call. `parameters` is a JSON schema. */
export interface ToolDescription {
  name: string;
  description: string;
  parameters?: Record<string, unknown> | null;
}

/** A named group of tools. Without tools, only its description is rendered. */
export interface ToolNamespaceConfig {
  name: string;
  description?: string | null;
  tools: readonly ToolDescription[];
}

/** The channels that the system message lists. */
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

/** The content of a developer message, which other formats call the system prompt. */
export interface DeveloperContent {
  instructions?: string | null;
  tools?: Readonly<Record<string, ToolNamespaceConfig>> | null;
}

/** One part of a message's content. */
export type Content =
  | ({ type: "text" } & TextContent)
  | ({ type: "system_content" } & SystemContent)
  | ({ type: "developer_content" } & DeveloperContent);

/** The name of a channel: the models are trained with three; others are accepted. */
export type Channel = "analysis" | "commentary" | "final" | (string & {});

/**
 * A message. Absent and null fields mean the same. Messages from this package
 * have no nulls, and a single text is a string, as upstream's serde writes it.
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
 * A conversation, its messages, or either as JSON text. Only text is lossless:
 * JavaScript objects reorder keys that look like integers, turn `1.0` into `1`
 * and round large integers, which changes how a tool's schema is rendered.
 */
export type ConversationInput = Conversation | readonly Message[] | string;

/** Token ids: integers from 0 to 2^32 - 1. Bytes, a `Uint8Array`, are refused. */
export type TokenInput = Uint32Array | readonly number[] | Iterable<number>;

/**
 * Token ids that a call returns: a `Uint32Array` with memory of its own, which can be the
 * body of a `Response` or be transferred. TypeScript 5.7 distinguishes it from shared memory.
 */
export type TokenIds = ReturnType<Uint32ArrayConstructor["of"]>;
/** Bytes that a call returns: a `Uint8Array` with memory of its own. */
export type TokenBytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** Options of the renders of conversations. */
export interface RenderConversationConfig {
  /**
   * Drops the analysis before the first final message if the last assistant
   * message is final. Default true, as in upstream's Python package.
   */
  auto_drop_analysis?: boolean;
}

/** Options of the render of one message. */
export interface RenderOptions {
  /** Whether a system message mentions the function tools. Default false. */
  conversation_has_function_tools?: boolean;
}

/** Options of recovery from whole completions and from text. */
export interface RecoverOptions {
  /**
   * The names of the tools that the prompt declares, with or without their
   * namespace. They decide which words of a malformed header are a recipient,
   * and where its name ends (`functions.fs_readjson`). Default none.
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
