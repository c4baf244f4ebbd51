/** Chat Completions as the handler needs it: how requests and answers go over the wire. */

import type { HarmonyEncoding } from "../../index.js";
import { chatCompletionChunks } from "../chat/chunks.js";
import { chatCompletion } from "../chat/completion.js";
import { promptFromChat } from "../chat/prompt.js";
import type { Prompt } from "../types.js";
import { historyFor } from "./history.js";
import type { Protocol } from "./protocol.js";

/** The protocol over an encoding. */
export function chatProtocol(encoding: HarmonyEncoding): Protocol {
  return {
    idPrefix: "chatcmpl-",
    prompt: async (body, options, { client }) =>
      promptFromChat(encoding, body, { ...options, history: await historyFor(client, body) }),
    streams: ({ request }) => request.body.stream === true,
    async answer(prompt, completion, options) {
      await options.remember({ isKept: isKept(prompt) });
      const measured = { tokens: completion, ...options.measured() };
      return chatCompletion(encoding, prompt, measured, options);
    },
    async *events(prompt, source, { failure: _, ...options }) {
      for await (const chunk of chatCompletionChunks(encoding, prompt, source, options)) {
        if (chunk.choices[0]?.finish_reason) await options.remember({ isKept: isKept(prompt) });
        yield `data: ${JSON.stringify(chunk)}\n\n`;
      }
      yield "data: [DONE]\n\n";
    },
    // Chat Completions has no event for it: clients look for `error` in the data.
    failed: ({ code, message }) =>
      `data: ${JSON.stringify({ error: { message, type: "server_error", param: null, code } })}\n\n`,
  };
}

/** Not unless the request says so, as in OpenAI's API. */
function isKept({ request }: Prompt): boolean {
  return request.body.store === true;
}
