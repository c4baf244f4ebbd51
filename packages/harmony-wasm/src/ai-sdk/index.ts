/**
 * The Vercel AI SDK over harmony: a provider for backends of token ids, and a
 * middleware for servers that leak markup. A mapping over `harmony-wasm/openai`;
 * it depends on no SDK.
 */

export { createHarmony, type HarmonyProvider, type HarmonyProviderOptions } from "./provider.js";
export type * from "./specification.js";
export {
  type AnyStream,
  harmonyTextMiddleware,
  type TextMiddleware,
  type TextMiddlewareOptions,
} from "./text-middleware.js";
export type { AnyAnswer, Typed } from "./text-reader.js";
