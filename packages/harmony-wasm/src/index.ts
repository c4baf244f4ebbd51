/**
 * The public API, apart from loading, which is each entry's own.
 */

export {
  type FitOptions,
  fitConversation,
  isWithinTokenLimit,
  renderForContinuation,
} from "./budget.js";
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
  toolResult,
  userMessage,
} from "./messages.js";
export { RecoveringParser, type RecoveringParserOptions } from "./parsers/recovering-parser.js";
export {
  type EventStreamOptions,
  HarmonyEventStream,
  type ParseStreamOptions,
  parseStream,
  type TokenSource,
} from "./parsers/stream.js";
export {
  StreamableParser,
  type StreamStateData,
  type StreamStateHeader,
} from "./parsers/streamable-parser.js";
export type { ProvedRow, RenderedRows, RenderRowsOptions } from "./rows.js";
export type { MessageSpan, RenderedConversation, RenderWithSpansOptions } from "./spans.js";
export { type TokenText, tokenOffsets, tokenTexts } from "./token-texts.js";
export * from "./types.js";
export type { WasmCode, WasmModule, WasmSource, WasmSourceNow } from "./wasm.js";
