/**
 * Chat Completions and Responses as the handler needs them. What their requests
 * and answers mean is decided in `chat/` and `responses/`; this module promises
 * how they go over the wire.
 */

import type { HarmonyEncoding } from "../../index.js";
import { chatCompletionChunks } from "../chat/chunks.js";
import { chatCompletion } from "../chat/completion.js";
import { promptFromChat } from "../chat/prompt.js";
import { responseEvents } from "../responses/events.js";
import { promptFromResponses } from "../responses/prompt.js";
import { response } from "../responses/response.js";
import type { Prompt } from "../types.js";
import { defaultEncoding } from "./default-encoding.js";
import { type Handler, type HandlerOptions, handlerOver, type ProtocolSource } from "./handler.js";
import type { Protocol } from "./protocol.js";

/** Options of {@link createHarmonyHandler}. */
export interface HarmonyHandlerOptions extends HandlerOptions {
  /**
   * Default the one that `loadHarmonyEncoding` of `harmony-wasm` gives, loaded by
   * the first request.
   */
  encoding?: HarmonyEncoding | undefined;
}

/**
 * A function from a `Request` to its `Response` that answers
 * `POST /v1/chat/completions`, `POST /v1/responses` and `GET /v1/models` from any
 * backend, whole or as a stream. It runs wherever there is `fetch`, and is itself
 * one for a client that takes it as its `fetch`.
 *
 * The ids that were sampled for a turn are remembered by the ids of its calls and
 * items, so that the next prompt continues them instead of rendering them again.
 *
 * @throws {TypeError} For API keys that are empty. @throws {RangeError} For limits below 1.
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
export function createHarmonyHandler(options: HarmonyHandlerOptions): Handler {
  const { encoding } = options;
  const load = encoding === undefined ? defaultEncoding : () => encoding;
  const protocols = new Map([
    ["/v1/chat/completions", over(load, chatProtocol)],
    ["/v1/responses", over(load, responsesProtocol)],
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

function chatProtocol(encoding: HarmonyEncoding): Protocol {
  return {
    idPrefix: "chatcmpl-",
    prompt: (body, options) => promptFromChat(encoding, body, options),
    streams,
    answer: (prompt, completion, options) => chatCompletion(encoding, prompt, completion, options),
    async *events(prompt, source, { failure: _, ...options }) {
      for await (const chunk of chatCompletionChunks(encoding, prompt, source, options)) {
        yield `data: ${JSON.stringify(chunk)}\n\n`;
      }
      yield "data: [DONE]\n\n";
    },
    // Chat Completions has no event for it: clients look for `error` in the data.
    failed: ({ code, message }) =>
      `data: ${JSON.stringify({ error: { message, type: "server_error", param: null, code } })}\n\n`,
  };
}

function responsesProtocol(encoding: HarmonyEncoding): Protocol {
  return {
    idPrefix: "resp_",
    prompt: (body, options) => promptFromResponses(encoding, body, options),
    streams,
    answer: (prompt, completion, options) => response(encoding, prompt, completion, options),
    async *events(prompt, source, options) {
      for await (const event of responseEvents(encoding, prompt, source, options)) {
        yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      }
    },
    failed: ({ code, message }) =>
      `event: error\ndata: ${JSON.stringify({ type: "error", code, message, param: null })}\n\n`,
  };
}

function streams({ request }: Prompt): boolean {
  return request.body.stream === true;
}
