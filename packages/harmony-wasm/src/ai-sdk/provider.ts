/** A provider for the Vercel AI SDK over any backend that takes token ids and gives them. */

import type { HarmonyEncoding } from "../index.js";
import { backend } from "../openai/backends/check.js";
import { nested, type OptionChecks, requiredBy } from "../openai/check/options.js";
import { encoding, oneOf } from "../openai/check/values.js";
import { defaultEncoding } from "../openai/handler/default-encoding.js";
import type { Backend, PromptOptions } from "../openai/index.js";
import { SERVED_PROMPT_OPTIONS } from "../openai/prompt/options.js";
import { streamParts, wholeAnswer } from "./answer.js";
import { callError } from "./backend-failure.js";
import { generateRequest, requestOf } from "./request.js";
import { CallSampling, ownSignal } from "./sampling.js";
import type { CallOptions, LanguageModel, StreamPart } from "./specification.js";
import { streamOf } from "./streams.js";

/** Options of {@link createHarmony}. */
export interface HarmonyProviderOptions<Version extends "v3" | "v4" = "v3"> {
  /** Samples the completions. */
  backend: Backend;
  /** Default the one that `loadHarmonyEncoding` of `harmony-wasm` gives, loaded by the first call. */
  encoding?: HarmonyEncoding | undefined;
  /** How calls become prompts. What cannot be carried over is a warning of the call by default. */
  prompt?: Omit<PromptOptions, "history"> | undefined;
  /** The specification of the models. Default `"v3"`, which `ai` 6 and 7 take; `ai` 6 refuses `"v4"`. */
  version?: Version | undefined;
}

const OPTIONS: OptionChecks<HarmonyProviderOptions<"v3" | "v4">> = {
  backend,
  encoding,
  prompt: nested(SERVED_PROMPT_OPTIONS),
  version: oneOf("v3", "v4"),
};

/** Gives the model with a name. */
export type HarmonyProvider<Version extends "v3" | "v4" = "v3"> = (
  modelId: string,
) => LanguageModel<Version>;

/**
 * A provider whose models keep the sampled ids: each part of an answer carries
 * its own in `providerMetadata.harmony`, and a prompt that gives them back
 * continues them, so that through a whole agent loop every prompt begins with the
 * one before. Thoughts, preambles and answers are parts of their own.
 *
 * `providerOptions.harmony` of a call takes `reasoningEffort` and `parallelToolCalls`.
 *
 * @throws {TypeError} For an option that does not exist or has a wrong value.
 * @throws {RequestError} From a call: what cannot be carried over, such as an image.
 *
 * @example
 * ```ts
 * import { createHarmony } from "harmony-wasm/ai-sdk";
 *
 * // Any engine is a backend; this one always samples the same ids.
 * const sampled = [200005, 17196, 200008, 35604, 13, 200002];
 * const harmony = createHarmony({
 *   backend: {
 *     async *generate() {
 *       yield { tokens: sampled, finishReason: "stop" };
 *     },
 *   },
 * });
 * // With the SDK: generateText({ model: harmony("gpt-oss-20b"), prompt: "2 + 2?" })
 * const model = harmony("gpt-oss-20b");
 * const prompt = [{ role: "user" as const, content: "2 + 2?" }];
 * const { content } = await model.doGenerate({ prompt });
 * content.map((part) => (part.type === "text" ? part.text : part.type)); // => ["Four."]
 * ```
 */
export function createHarmony<Version extends "v3" | "v4" = "v3">(
  options: HarmonyProviderOptions<Version> & { version: Version },
): HarmonyProvider<Version>;
export function createHarmony(options: HarmonyProviderOptions): HarmonyProvider;
export function createHarmony(
  given: HarmonyProviderOptions<"v3" | "v4">,
): HarmonyProvider<"v3" | "v4"> {
  const options = requiredBy("options", given, OPTIONS, ["backend"]);
  const version = options.version ?? "v3";
  return (modelId) => ({
    specificationVersion: version,
    provider: "harmony",
    modelId,
    supportedUrls: {},
    async doGenerate(call) {
      const { parts } = await begun(options, modelId, call);
      return wholeAnswer(parts, call.responseFormat?.type === "json");
    },
    async doStream(call) {
      const { parts, stop } = await begun(options, modelId, call);
      return { stream: streamOf(parts, stop) };
    },
  });
}

/** An answer whose first ids are there. */
async function begun(
  { backend, encoding: given, prompt }: HarmonyProviderOptions<"v3" | "v4">,
  modelId: string,
  call: CallOptions,
) {
  const encoding = given ?? (await defaultEncoding());
  const request = requestOf(encoding, backend, modelId, call, prompt ?? {});
  const { controller, release } = ownSignal(call.abortSignal);
  const stop = (reason: unknown) => {
    release();
    controller.abort(reason ?? new DOMException("the answer is over", "AbortError"));
  };
  try {
    const sampling = new CallSampling(backend, generateRequest(request, controller.signal));
    await sampling.begin();
    return { parts: stopped(streamParts(encoding, request, sampling, call), stop), stop };
  } catch (error) {
    stop(error);
    throw callError(error);
  }
}

/** The parts; the backend is stopped when they end, however they do. */
async function* stopped(
  parts: AsyncIterable<StreamPart>,
  stop: (reason?: unknown) => void,
): AsyncGenerator<StreamPart, void, undefined> {
  try {
    yield* parts;
  } finally {
    stop();
  }
}
