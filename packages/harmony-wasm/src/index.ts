/**
 * The public API, apart from loading, which is each entry's own.
 */

export type { CompletionEncoding } from "./completion-encoding.js";
export {
  type ContinueOptions,
  continueConversation,
  parseHarmonyText,
} from "./conversations.js";
export { HarmonyEncoding } from "./encoding.js";
export { HarmonyError, type HarmonyErrorCode, type RequestErrorCode } from "./errors.js";
export type * from "./events.js";
export type { LoadOptions } from "./load.js";
export {
  assistantMessage,
  developerMessage,
  functionTools,
  type MessageHeader,
  systemMessage,
  toolMessage,
  toolNamespaces,
  userMessage,
} from "./messages.js";
export { RecoveringParser, type RecoveringParserOptions } from "./recovering-parser.js";
export type { MessageSpan, RenderedConversation, RenderWithSpansOptions } from "./spans.js";
export {
  type EventStreamOptions,
  HarmonyEventStream,
  type ParseStreamOptions,
  parseStream,
  type TokenSource,
} from "./stream.js";
export {
  StreamableParser,
  type StreamStateData,
  type StreamStateHeader,
} from "./streamable-parser.js";
export type { TextEncoding } from "./text-encoding.js";
export * from "./types.js";
export type { WasmCode, WasmModule, WasmSource, WasmSourceNow } from "./wasm.js";
