/** The handler of both protocols, over the encoding that they share. */

import type { HarmonyEncoding } from "../../index.js";
import { backend } from "../backends/check.js";
import { nested, type OptionChecks, requiredBy } from "../check/options.js";
import { callable, encoding, listOf, text, timerMs, withMethods } from "../check/values.js";
import { SERVED_PROMPT_OPTIONS } from "../prompt/options.js";
import { checkEncryptionKey, encryptedContent } from "../store/encrypted-content.js";
import { checkKeys } from "./api-keys.js";
import { chatProtocol } from "./chat-protocol.js";
import { originsCheck } from "./cross-origin.js";
import { defaultEncoding } from "./default-encoding.js";
import { type Handler, type HandlerOptions, handlerOver, type ProtocolSource } from "./handler.js";
import { LIMITS } from "./limits.js";
import type { Protocol } from "./protocol.js";
import { responsesProtocol } from "./responses-protocol.js";

/** Options of {@link createHarmonyHandler}. */
export interface HarmonyHandlerOptions extends HandlerOptions {
  /**
   * Default the one that `loadHarmonyEncoding` of `harmony-wasm` gives, loaded by
   * the first request.
   */
  encoding?: HarmonyEncoding | undefined;
  /**
   * The secret behind `reasoning.encrypted_content`, of 32 bytes or more. Default
   * a random one: a client's contents are then of no use to another process.
   */
  encryptionKey?: string | Uint8Array | undefined;
}

const OPTIONS: OptionChecks<HarmonyHandlerOptions> = {
  backend,
  models: listOf("names", text),
  store: withMethods("a store", "put", "find", "delete"),
  apiKeys: checkKeys,
  limits: nested(LIMITS),
  cors: originsCheck,
  prompt: nested(SERVED_PROMPT_OPTIONS),
  keepAliveMs: timerMs,
  onEvent: callable,
  encoding,
  encryptionKey: checkEncryptionKey,
};

/**
 * A function from a `Request` to its `Response` that answers
 * `/v1/chat/completions`, `/v1/responses` with stored responses, and `/v1/models`
 * from any backend, whole or as a stream. It runs wherever there is `fetch`, and is
 * itself one for a client that takes it as its `fetch`.
 *
 * The ids that were sampled for a turn are remembered by the ids of its calls and
 * items, so that the next prompt continues them instead of rendering them again.
 *
 * @throws {TypeError} For an option that does not exist or has a wrong value, at any depth, so that a
 * misspelt one never opens a server. @throws {RangeError} For limits below 1, for times that no
 * timer counts, and for an encryption key that is too short.
 *
 * @example
 * ```ts
 * import { createHarmonyHandler } from "harmony-wasm/openai";
 *
 * // Ten lines make a backend of any engine; this one always samples the same ids.
 * const sampled = [200005, 17196, 200008, 35604, 13, 200002];
 * const handler = createHarmonyHandler({
 *   backend: {
 *     async *generate() {
 *       yield { tokens: sampled, finishReason: "stop" };
 *     },
 *   },
 * });
 * const request = new Request("http://localhost/v1/chat/completions", {
 *   method: "POST",
 *   body: JSON.stringify({
 *     model: "gpt-oss",
 *     messages: [{ role: "user", content: "What is 2 + 2?" }],
 *   }),
 * });
 * const answer = await (await handler(request)).json();
 * answer.choices[0].message.content; // => "Four."
 * ```
 */
export function createHarmonyHandler(given: HarmonyHandlerOptions): Handler {
  // Null means an absent option everywhere else. Here it would open the server.
  if (given?.apiKeys === null) checkKeys("options.apiKeys", null);
  const options = requiredBy("options", given, OPTIONS, ["backend"]);
  const contents = encryptedContent(options.encryptionKey);
  const { encoding: own } = options;
  const load = own === undefined ? defaultEncoding : () => own;
  const protocols = new Map([
    ["/v1/chat/completions", over(load, chatProtocol)],
    ["/v1/responses", over(load, (each) => responsesProtocol(each, contents))],
  ]);
  return handlerOver(protocols, options);
}

/** The protocol over the encoding that there is now: one whose instance is lost is loaded again. */
function over(
  load: () => HarmonyEncoding | Promise<HarmonyEncoding>,
  protocolOf: (encoding: HarmonyEncoding) => Protocol,
): ProtocolSource {
  return async () => protocolOf(await load());
}
