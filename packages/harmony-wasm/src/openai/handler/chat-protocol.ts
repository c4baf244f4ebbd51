/** Chat Completions as the handler needs it: how requests and answers go over the wire. */

import type { HarmonyEncoding } from "../../index.js";
import { chatCompletionChunks } from "../chat/chunks.js";
import { chatCompletion } from "../chat/completion.js";
import { promptFromChat } from "../chat/prompt.js";
import { messageConstraint } from "../constraints/message-constraint.js";
import { violationsOf, withViolations } from "../constraints/violations.js";
import type { Prompt } from "../types.js";
import type { HarmonyExtension } from "../wire/chat.js";
import { historyFor } from "./history.js";
import type { Protocol } from "./protocol.js";

/** The protocol over an encoding. */
export function chatProtocol(encoding: HarmonyEncoding): Protocol {
  const checked = <T extends { harmony?: HarmonyExtension }>(
    { constraint }: Prompt,
    answer: T,
    completion: Uint32Array,
  ) => withViolations(answer, violationsOf(encoding, constraint, completion));
  return {
    idPrefix: "chatcmpl-",
    constraint: ({ constraint }) => constraint && messageConstraint(encoding, constraint),
    prompt: async (body, options, { client }) =>
      promptFromChat(encoding, body, { ...options, history: await historyFor(client, body) }),
    streams: ({ request }) => request.body.stream === true,
    async answer(prompt, completion, { options, measured, remember }) {
      const whole = chatCompletion(
        encoding,
        prompt,
        { tokens: completion, ...measured() },
        options,
      );
      // By the ids of its calls, which the answer has made.
      await remember({ isKept: isKept(prompt) });
      const isCut = whole.choices[0]?.finish_reason === "length";
      return isCut ? whole : checked(prompt, whole, completion);
    },
    async *events(prompt, source, { options, remember, sampled }) {
      for await (let chunk of chatCompletionChunks(encoding, prompt, source, options)) {
        const reason = chunk.choices[0]?.finish_reason;
        if (reason) await remember({ isKept: isKept(prompt) });
        if (reason && reason !== "length") chunk = checked(prompt, chunk, sampled());
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
