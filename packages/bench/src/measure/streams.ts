/**
 * The inputs of rendering and parsing, the same for both sides: a conversation of
 * ten messages, and completions of content, of a header, and of short tool calls.
 */

import {
  assistantMessage,
  type Conversation,
  developerMessage,
  functionTools,
  loadHarmonyEncodingSync,
  systemMessage,
  toolMessage,
  userMessage,
} from "harmony-wasm";

/** Token ids of completions whose header the prompt began as the assistant's. */
export interface Streams {
  conversation: Conversation;
  content: number[];
  header: number[];
  calls: number[];
}

const CONTENT_CHARACTERS = 80_000;
const HEADER_WORDS = 2_000;
const CALLS = 200;
const CALL =
  '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Paris"}<|call|>';

/** A typical tool: a description, an enumeration, a default. */
const WEATHER = {
  name: "get_weather",
  description: "Gets the current weather of a city.",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string", description: "The city and its country, as in Paris, France" },
      unit: { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" },
    },
    required: ["city"],
  },
};

/** Makes the streams; the content is taken from documents of the corpora. */
export function makeStreams(documents: readonly string[]): Streams {
  const encoding = loadHarmonyEncodingSync();
  const text = documents.join("\n").slice(0, CONTENT_CHARACTERS).toWellFormed();
  const idsOf = (completion: string) => [...encoding.encode(completion, { allowedSpecial: "all" })];
  return {
    conversation: tenMessages(),
    content: idsOf(`<|channel|>final<|message|>${text}<|return|>`),
    header: idsOf(` weather`.repeat(HEADER_WORDS)),
    calls: idsOf(Array(CALLS).fill(CALL).join("<|start|>assistant")),
  };
}

function tenMessages(): Conversation {
  const call = { channel: "commentary", recipient: "functions.get_weather", content_type: "json" };
  const messages = [
    systemMessage({ conversation_start_date: "2025-06-28", reasoning_effort: "High" }),
    developerMessage({
      instructions: "Answer in one sentence. Use the tools for what you cannot know.",
      tools: functionTools([WEATHER]),
    }),
    userMessage("What is 2 + 2? Explain it as you would to a child of five years."),
    assistantMessage("Two apples and two more apples on the table make four apples.", {
      channel: "final",
    }),
    userMessage("And what is the weather in Paris today? I would like to know it in celsius."),
    assistantMessage("The weather needs the tool. The city is Paris, France, the unit celsius.", {
      channel: "analysis",
    }),
    assistantMessage('{"city":"Paris, France","unit":"celsius"}', call),
    toolMessage("functions.get_weather", '{"temperature":21.5,"sky":"clear","wind_kmh":12}'),
    assistantMessage("It is 21.5 °C in Paris under a clear sky, with a light wind.", {
      channel: "final",
    }),
    userMessage("Thank you! Should I take a jacket for the evening, and why?"),
  ];
  return { messages };
}
