/**
 * Converts requests and rows of OpenAI's APIs to harmony, and completions to answers, over the public
 * API of `harmony-wasm` alone, which decides how anything is written as tokens.
 */

export {
  type Backend,
  BackendError,
  type BackendErrorOptions,
  type GenerateChunk,
  type GenerateRequest,
} from "./backends/backend.js";
export { type CompletionsOptions, completionsBackend } from "./backends/completions.js";
export type { HttpOptions } from "./backends/http.js";
export { type LlamaCppOptions, llamaCppBackend } from "./backends/llama-cpp.js";
export { chatCompletionChunks } from "./chat/chunks.js";
export { chatCompletion } from "./chat/completion.js";
export { promptFromChat } from "./chat/prompt.js";
export type {
  Markup,
  MessageConstraint,
  MessageContent,
} from "./constraints/message-constraint.js";
export { type ErrorBody, RequestError } from "./errors.js";
export { createHarmonyHandler, type HarmonyHandlerOptions } from "./handler/create-handler.js";
export type { Handler } from "./handler/handler.js";
export type { HandlerLimits } from "./handler/limits.js";
export type { HandlerEvent } from "./handler/serve.js";
export { responseEvents } from "./responses/events.js";
export { promptFromResponses } from "./responses/prompt.js";
export { response } from "./responses/response.js";
export {
  type ChatOptions,
  conversationFromChatCompletions,
  type PlainRows,
  plainChatRows,
} from "./rows/chat-row.js";
export { missingMessages } from "./rows/shapes.js";
export {
  CHAT_FIELDS,
  CHAT_ROW_FIELDS,
  type RowShape,
  refuseChatFields,
  type ShapeSign,
  shapeSigns,
} from "./rows/signs.js";
export type { SchemaLoss } from "./schemas/simplify.js";
export { type SimplifySchemaOptions, simplifySchema } from "./schemas/simplify-schema.js";
export { type MemoryStoreOptions, memoryStore } from "./store/memory.js";
export type { ResponseStore, StoredTurn } from "./store/store.js";
export type * from "./types.js";
export type * from "./wire/chat.js";
export type * from "./wire/responses.js";
