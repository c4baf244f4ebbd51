/**
 * The handler as the `fetch` of a client in the same program, over a generator
 * that is its backend, and the AI SDK's model over the same: what a page without
 * a server is made of. Runs wherever the package does.
 */

import { expectSame, expectThat, failureOf } from "harmony-conformance/loading/expect";
import type { HarmonyEncoding } from "harmony-wasm";
import type { Backend } from "harmony-wasm/openai";
import OpenAI from "openai";

/** The subpaths under test, as the project imported them. */
export interface Subpaths {
  openai: Pick<typeof import("harmony-wasm/openai"), "createHarmonyHandler">;
  aiSdk: Pick<typeof import("harmony-wasm/ai-sdk"), "createHarmony">;
}

/** One named check, which throws if it fails. */
export interface HandlerCase {
  name: string;
  run(subpaths: Subpaths, encoding: HarmonyEncoding): Promise<void>;
}

const CALL =
  "<|channel|>analysis<|message|>A city.<|end|><|start|>assistant to=functions.weather<|channel|>commentary " +
  '<|constrain|>json<|message|>{"city":"Oslo"}<|call|>';
const ANSWER = "<|channel|>final<|message|>It is cold. 🦜<|return|>";

/** A model in the same program: ten lines. */
function backendOf(encoding: HarmonyEncoding, completion: string, prompts: Uint32Array[]): Backend {
  const sampled = encoding.encode(completion, { allowedSpecial: "all" });
  return {
    async *generate({ promptTokens, signal }) {
      prompts.push(promptTokens);
      for (const token of sampled) {
        signal.throwIfAborted();
        yield { tokens: [token] };
      }
    },
  };
}

/** The client, whose server is the handler. The handler loads its encoding by itself. */
function clientOf({ openai }: Subpaths, backend: Backend): OpenAI {
  const handler = openai.createHarmonyHandler({ backend });
  return new OpenAI({
    apiKey: "none",
    baseURL: "http://harmony/v1",
    maxRetries: 0,
    // It never leaves the page.
    dangerouslyAllowBrowser: true,
    fetch: (input, init) => handler(new Request(input, init)),
  });
}

const model = "gpt-oss-20b";
const user = { role: "user" as const, content: "Weather in Oslo?" };
const parameters = { type: "object", properties: { city: { type: "string" } } };
const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];

export const HANDLER_CASES: readonly HandlerCase[] = [
  {
    name: "Chat Completions: the stream is the whole answer",
    async run(subpaths, encoding) {
      const client = clientOf(subpaths, backendOf(encoding, ANSWER, []));
      const request = { model, messages: [user] };
      const whole = await client.chat.completions.create(request);
      const streamed = await client.chat.completions.stream(request).finalChatCompletion();
      expectSame("content", whole.choices[0]?.message.content, "It is cold. 🦜");
      expectSame("streamed", streamed.choices[0]?.message.content, "It is cold. 🦜");
    },
  },
  {
    name: "Responses: the stream is the whole answer",
    async run(subpaths, encoding) {
      const client = clientOf(subpaths, backendOf(encoding, ANSWER, []));
      const whole = await client.responses.create({ model, input: user.content });
      const streamed = await client.responses
        .stream({ model, input: user.content })
        .finalResponse();
      expectSame("text", whole.output_text, "It is cold. 🦜");
      expectSame("streamed", streamed.output_text, whole.output_text);
    },
  },
  {
    name: "a loop of calls: every prompt begins with the one before and the sampled ids",
    async run(subpaths, encoding) {
      const prompts: Uint32Array[] = [];
      const client = clientOf(subpaths, backendOf(encoding, CALL, prompts));
      const messages: OpenAI.ChatCompletionMessageParam[] = [user];
      for (let turn = 0; turn < 5; turn += 1) {
        const { choices } = await client.chat.completions.create({ model, messages, tools });
        const message = choices[0]?.message;
        if (!message) throw new Error("no choice");
        messages.push(message);
        for (const { id } of message.tool_calls ?? []) {
          messages.push({ role: "tool", tool_call_id: id, content: `${turn} degrees` });
        }
      }
      const sampled = encoding.encode(CALL, { allowedSpecial: "all" });
      expectSame("turns", prompts.length, 5);
      for (const [index, prompt] of prompts.slice(1).entries()) {
        const before = [...(prompts[index] ?? []), ...sampled];
        expectSame(`prompt ${index}`, [...prompt.subarray(0, before.length)], before);
      }
    },
  },
  {
    name: "a client that leaves stops the backend",
    async run(subpaths, encoding) {
      let stopped = () => {};
      const hasStopped = new Promise<void>((resolve) => {
        stopped = resolve;
      });
      const tokens = encoding.encode("<|channel|>final<|message|>on and on", {
        allowedSpecial: "all",
      });
      const client = clientOf(subpaths, {
        async *generate() {
          try {
            for (;;) yield { tokens };
          } finally {
            stopped();
          }
        },
      });
      const stream = await client.chat.completions.create({
        model,
        messages: [user],
        stream: true,
      });
      for await (const _ of stream) break;
      await hasStopped;
    },
  },
  {
    name: "a request that cannot be carried over is the client's error, with its field",
    async run(subpaths, encoding) {
      const client = clientOf(subpaths, backendOf(encoding, ANSWER, []));
      const failure = await failureOf(() =>
        client.chat.completions.create({ model, messages: [{ role: "assistant", content: "Hi" }] }),
      );
      expectThat(`the client's error: ${failure}`, failure instanceof OpenAI.BadRequestError);
      expectSame("param", Object(failure).param, "messages[0].role");
    },
  },
  {
    name: "the AI SDK's model, whole and as a stream",
    async run({ aiSdk }, encoding) {
      const backend = backendOf(encoding, ANSWER, []);
      const language = aiSdk.createHarmony({ backend })(model);
      const prompt = [{ role: "user" as const, content: "Weather?" }];
      const { content } = await language.doGenerate({ prompt });
      const said = content.map((part) => (part.type === "text" ? part.text : part.type));
      expectSame("content", said, ["It is cold. 🦜"]);
      const reader = (await language.doStream({ prompt })).stream.getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (value.type === "text-delta") text += value.delta;
      }
      expectSame("streamed", text, "It is cold. 🦜");
    },
  },
];
