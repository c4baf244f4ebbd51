/** A whole completion as a Responses answer. */

import type { HarmonyEncoding, TokenInput } from "../../index.js";
import { completionsOf } from "../answer/completion-input.js";
import { ANSWER_OPTIONS, checkAnswered, RESPONSE_EXTRAS } from "../answer/options.js";
import { AnswerReader } from "../answer/reader.js";
import { checkedBy } from "../check/options.js";
import type { AnswerOptions, Prompt, ResponseExtras, TokenChunk } from "../types.js";
import type { ResponseObject } from "../wire/responses.js";
import { ResponseBuilder } from "./builder.js";

const OPTIONS = { ...ANSWER_OPTIONS, ...RESPONSE_EXTRAS };

/**
 * The answer to a request: what `responseEvents` ends with. Never throws on ids. Log probabilities
 * come with the tokens, as a backend gives them: `{ tokens, finishReason, logprobs }`.
 *
 * @throws {TypeError} for anything but token ids, such as the answer of an engine.
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
  given?: (AnswerOptions & ResponseExtras) | null,
): ResponseObject {
  checkAnswered(encoding, prompt);
  const options = checkedBy<AnswerOptions & ResponseExtras>("options", given, OPTIONS);
  const [whole, another] = completionsOf(completion);
  if (!whole || another) throw new TypeError(`"completion" expected one completion, got several`);
  const reader = new AnswerReader(encoding, prompt);
  reader.finishReason = options.finishReason;
  const builder = new ResponseBuilder(encoding, prompt, options);
  for (const part of reader.readAll(whole)) Array.from(builder.add(part));
  return builder.finished(reader.ending);
}
