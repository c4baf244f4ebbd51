/**
 * A middleware for the SDK over servers that leave harmony's markup in their
 * text, because they were built for models that have none. It reads the text as
 * far as text can be read: such a server has lost the ids. Where there are ids,
 * use `createHarmony`.
 */

import type { HarmonyEncoding } from "../index.js";
import { checkedBy, type OptionChecks } from "../openai/check/options.js";
import { encoding, flag, oneOf } from "../openai/check/values.js";
import { defaultEncoding } from "../openai/handler/default-encoding.js";
import { partsOf } from "../openai/stream-parts.js";
import type { CallOptions, ContentEvent } from "./specification.js";
import { streamOf } from "./streams.js";
import { type AnyAnswer, isText, TextReader, type Typed } from "./text-reader.js";

/** Options of {@link harmonyTextMiddleware}. */
export interface TextMiddlewareOptions<Version extends "v3" | "v4" = "v3"> {
  /** Default the one that `loadHarmonyEncoding` of `harmony-wasm` gives, loaded by the first call. */
  encoding?: HarmonyEncoding | undefined;
  /**
   * The server removes the special tokens and leaves the words between them:
   * `analysisWe need…assistantfinalFour`. A text is then read when it is whole, and
   * where its messages begin is a guess. Default false.
   */
  stripped?: boolean | undefined;
  /** The specification of the middleware. Default `"v3"`, which `ai` 6 and 7 take. */
  version?: Version | undefined;
}

const OPTIONS: OptionChecks<TextMiddlewareOptions<"v3" | "v4">> = {
  encoding,
  stripped: flag,
  version: oneOf("v3", "v4"),
};

/** A streamed answer of any model. */
export interface AnyStream<Part extends Typed> {
  stream: ReadableStream<Part>;
  request?: { body?: unknown };
  response?: { headers?: Record<string, string> };
}

/** A middleware of the specification `version`. */
export interface TextMiddleware<Version extends "v3" | "v4" = "v3"> {
  readonly specificationVersion: Version;
  wrapGenerate<Answer extends AnyAnswer>(call: {
    doGenerate: () => PromiseLike<Answer>;
    params: CallOptions;
  }): Promise<Answer>;
  wrapStream<Part extends Typed>(call: {
    doStream: () => PromiseLike<AnyStream<Part>>;
    params: CallOptions;
  }): Promise<AnyStream<Part | ContentEvent>>;
}

/**
 * A middleware that makes thoughts, texts and calls of the markup that a server
 * left in its text. Text without markup passes as it is.
 *
 * @throws {TypeError} For an option that does not exist or has a wrong value.
 *
 * @example
 * ```ts
 * import { harmonyTextMiddleware } from "harmony-wasm/ai-sdk";
 *
 * // With the SDK: wrapLanguageModel({ model, middleware: harmonyTextMiddleware() })
 * const middleware = harmonyTextMiddleware();
 * const text = "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>Four.";
 * const finishReason = { unified: "stop", raw: undefined };
 * const { content } = await middleware.wrapGenerate({
 *   doGenerate: async () => ({ content: [{ type: "text", text }], finishReason }),
 *   params: { prompt: [] },
 * });
 * content; // => [{ type: "reasoning", text: "Easy." }, { type: "text", text: "Four." }]
 * ```
 */
export function harmonyTextMiddleware<Version extends "v3" | "v4">(
  options: TextMiddlewareOptions<Version> & { version: Version },
): TextMiddleware<Version>;
export function harmonyTextMiddleware(options?: TextMiddlewareOptions | null): TextMiddleware;
export function harmonyTextMiddleware(
  given?: TextMiddlewareOptions<"v3" | "v4"> | null,
): TextMiddleware<"v3" | "v4"> {
  const options = checkedBy<TextMiddlewareOptions<"v3" | "v4">>("options", given, OPTIONS);
  const readerFor = async (params: CallOptions) => {
    const loaded = options.encoding ?? (await defaultEncoding());
    return new TextReader(loaded, params, options.stripped ?? false);
  };
  return {
    specificationVersion: options.version ?? "v3",
    async wrapGenerate({ doGenerate, params }) {
      const reader = await readerFor(params);
      const answer = await doGenerate();
      const content: Typed[] = [];
      for (const part of answer.content) {
        content.push(...(isText(part) ? await reader.whole(part) : [part]));
      }
      return reader.ended({ ...answer, content });
    },
    async wrapStream({ doStream, params }) {
      const reader = await readerFor(params);
      const { stream, ...rest } = await doStream();
      return { ...rest, stream: streamOf(reader.stream(partsOf(stream))) };
    },
  };
}
