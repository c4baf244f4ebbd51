/**
 * An agent with two tools: it lets the model call them until it answers. What
 * the model writes keeps its ids from turn to turn, so that a server's cache
 * of the prompt holds, and a trace contains the sampled ids.
 *
 *     node examples/agent.ts "How many hours are left of today?"
 */

import {
  continueConversation,
  developerMessage,
  functionTools,
  loadHarmonyEncoding,
  type Message,
  Role,
  systemMessage,
  toolResult,
  userMessage,
} from "harmony-wasm";
import { sampled } from "./completions.ts";

const MOST_TURNS = 10;

const TOOLS: Record<string, (input: { minuend: number; subtrahend: number }) => unknown> = {
  "functions.hour": () => new Date(process.env.NOW ?? Date.now()).getUTCHours(),
  "functions.subtract": ({ minuend, subtrahend }) => minuend - subtrahend,
};
const DESCRIPTIONS = functionTools([
  { name: "hour", description: "The hour of the day, in UTC." },
  {
    name: "subtract",
    description: "Subtracts.",
    parameters: {
      type: "object",
      properties: { minuend: { type: "number" }, subtrahend: { type: "number" } },
      required: ["minuend", "subtrahend"],
    },
  },
]);

/** Returns the tool's answer, or an error for the model to read. */
function answer(call: Message): Message {
  const name = call.recipient ?? "";
  const result = (content: unknown) => toolResult(call, JSON.stringify(content));
  try {
    const tool = TOOLS[name];
    if (!tool) return result({ error: `there is no tool ${name}` });
    return result(tool(JSON.parse(String(call.content || "{}"))));
  } catch (error) {
    return result({ error: String(error) });
  }
}

const question = process.argv[2] ?? "How many hours are left of today?";
const encoding = await loadHarmonyEncoding();
const conversation = [
  systemMessage(),
  developerMessage({ instructions: "Be brief.", tools: DESCRIPTIONS }),
  userMessage(question),
];
const stops = encoding.stopTokensForAssistantActions();
let prompt = encoding.renderConversationForCompletion(conversation, Role.ASSISTANT);

for (let turn = 0; turn < MOST_TURNS; turn += 1) {
  const completion: number[] = [];
  for await (const tokens of sampled(prompt, stops)) completion.push(...tokens);
  const { messages } = encoding.recoverMessagesFromCompletionTokens(completion, Role.ASSISTANT);
  const calls = messages.flatMap(({ message }) => (message.recipient ? [message] : []));
  if (calls.length === 0) {
    console.log(messages.at(-1)?.message.content);
    break;
  }
  for (const call of calls) console.error(`${call.recipient} ${call.content}`);
  prompt = continueConversation(encoding, prompt, completion, calls.map(answer), Role.ASSISTANT);
}
