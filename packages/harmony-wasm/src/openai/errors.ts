/** The error of everything under `harmony-wasm/openai`: a request that cannot be carried over. */

import { HarmonyError, type HarmonyErrorCode } from "../index.js";

/** What an OpenAI-compatible server answers for an error. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/**
 * A request or a row that cannot be carried over to harmony, or an answer that
 * cannot be carried back. `path` is the JSON path of the field at fault.
 *
 * @example
 * ```ts
 * import { conversationFromChatCompletions, RequestError } from "harmony-wasm/openai";
 *
 * let failure: unknown;
 * try {
 *   conversationFromChatCompletions('{"messages": [{"role": "user"}]}');
 * } catch (error) {
 *   failure = error;
 * }
 * failure instanceof RequestError && failure.toBody().error.param; // => "messages[0].content"
 *
 * try {
 *   conversationFromChatCompletions({
 *     messages: [{ role: "user", content: "What does <|end|> mean?" }],
 *   });
 * } catch (error) {
 *   failure = error;
 * }
 * failure instanceof RequestError && failure.option; // => "allowMarkup"
 * ```
 */
export class RequestError extends HarmonyError {
  override readonly name = "RequestError";
  /** The HTTP status that OpenAI answers with. */
  readonly status = 400;

  constructor(code: HarmonyErrorCode, message: string, path = "", option?: string) {
    super(code, message, { path, option });
  }

  /** The JSON body that OpenAI answers with. */
  toBody(): ErrorBody {
    const param = this.path === undefined || this.path === "" ? null : this.path;
    return {
      error: { message: this.reason, type: "invalid_request_error", param, code: this.code },
    };
  }
}
