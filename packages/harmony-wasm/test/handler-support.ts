/** A handler with the smallest protocol there is, for the tests of the server's half. */

import { loadHarmonyEncodingSync, systemMessage, userMessage } from "harmony-wasm";
import type { Backend, Prompt } from "harmony-wasm/openai";
import { RequestError } from "../src/openai/errors.ts";
import { type HandlerOptions, handlerOver } from "../src/openai/handler/handler.ts";
import { historyFor } from "../src/openai/handler/history.ts";
import type { Protocol } from "../src/openai/handler/protocol.ts";
import type { HandlerEvent } from "../src/openai/handler/serve.ts";

/** The encoding of all tests of the handler. */
export const encoding = loadHarmonyEncodingSync();
/** What the backend samples. */
export const sampled = encoding.encode("<|channel|>final<|message|>Hi there<|return|>", {
  allowedSpecial: "all",
});

/** A body of JSON to a prompt, and the messages of the completion as the answer. */
export const messages: Protocol = {
  idPrefix: "resp_",
  async prompt(body, _, { client }) {
    const history = await historyFor(client, body);
    const { text = "", stream = false, ids = [], n, warnings = [] } = JSON.parse(body);
    if (text === "") throw new RequestError("invalid_json", "no text", "text");
    const conversation = { messages: [systemMessage(), userMessage(text)] };
    const prompt: Prompt = {
      tokens: encoding.renderConversationForCompletion(conversation, "assistant"),
      conversation,
      stopTokens: encoding.stopTokensForAssistantActions(),
      sampling: n === undefined ? {} : { n },
      tools: new Map(),
      warnings,
      parallelToolCalls: true,
      request: { api: "responses", body: { stream } },
    };
    const known = history.find({ ids, encryptedContent: [], text: "" });
    return known === undefined ? prompt : { ...prompt, tokens: Uint32Array.from(known) };
  },
  streams: ({ request }) => request.body.stream === true,
  async answer(_, completion, { options: { id, newId, finishReason }, remember }) {
    const item = newId?.("msg_");
    await remember({ isKept: true });
    return { id, item, finishReason, text: encoding.decode(completion) };
  },
  async *events(_, source, { failure }) {
    try {
      for await (const chunk of source) {
        const tokens = typeof chunk === "object" && "tokens" in chunk ? chunk.tokens : chunk;
        yield `data: ${JSON.stringify(typeof tokens === "number" ? [tokens] : Array.from(tokens))}\n\n`;
      }
    } catch (error) {
      yield `data: ${JSON.stringify(failure?.(error))}\n\n`;
    }
  },
  failed: (failure) => `data: ${JSON.stringify(failure)}\n\n`,
};

/** Gives the ids one by one, then whatever `then` does. */
export function giving(tokens: Iterable<number>, then?: (signal: AbortSignal) => unknown): Backend {
  return {
    async *generate({ signal }) {
      for (const token of tokens) yield { tokens: [token] };
      await then?.(signal);
    },
  };
}

/** A handler that collects its events. */
export function handler(options: Partial<HandlerOptions> = {}) {
  const events: HandlerEvent[] = [];
  const answer = handlerOver(new Map([["/v1/messages", () => messages]]), {
    backend: giving(sampled),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { answer, events };
}

/** A request to it. */
export function post(body: unknown, init: RequestInit = {}): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request("http://server/v1/messages", { method: "POST", body: text, ...init });
}

export const error = (code: string) => ({ error: { code } });
/** Waits until the signal. */
export const never = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
