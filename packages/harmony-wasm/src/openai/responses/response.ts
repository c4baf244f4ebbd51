/** A whole completion as a Responses answer. */

import type { HarmonyEncoding, TokenInput } from "../../index.js";
import { AnswerReader } from "../answer/reader.js";
import type { AnswerOptions, Prompt, ResponseExtras, TokenChunk } from "../types.js";
import type { ResponseObject } from "../wire/responses.js";
import { ResponseBuilder } from "./builder.js";

/**
 * The answer to a request: what `responseEvents` ends with. Never throws on ids. Log probabilities
 * come with the tokens, as a backend gives them: `{ tokens, finishReason, logprobs }`.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { promptFromResponses, response } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = promptFromResponses(encoding, { input: "2 + 2?" });
 * const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", { allowedSpecial: "all" });
 * response(encoding, prompt, sampled).output_text; // => "Four."
 * ```
 */
export function response(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  completion: TokenInput | TokenChunk,
  options: AnswerOptions & ResponseExtras = {},
): ResponseObject {
  const reader = new AnswerReader(encoding, prompt);
  reader.finishReason = options.finishReason;
  const builder = new ResponseBuilder(encoding, prompt, options);
  for (const part of reader.readAll(completion)) Array.from(builder.add(part));
  return builder.finished(reader.ending);
}
