// The main job on real input, with the built package: renders a conversation with
// tools for a completion and for training, prints every token with its message,
// and parses a completion back.

import { styleText } from "node:util";
import Table from "cli-table3";
import {
  assistantMessage,
  developerMessage,
  functionTools,
  loadHarmonyEncoding,
  Role,
  StreamableParser,
  StreamState,
  systemMessage,
  toolMessage,
  userMessage,
} from "harmony-wasm";
import { buildInfo } from "./build/index.mjs";

const WEATHER = {
  name: "get_weather",
  description: "Gets the current weather in the provided location.",
  parameters: {
    type: "object",
    properties: {
      location: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
      format: { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" },
    },
    required: ["location"],
  },
};

const CONVERSATION = [
  systemMessage({ reasoning_effort: "High", conversation_start_date: "2025-06-28" }),
  developerMessage({ instructions: "Be brief.", tools: functionTools([WEATHER]) }),
  userMessage("Wie ist das Wetter in 東京? 🌦️"),
  assistantMessage("Need to use function get_weather.", { channel: "analysis" }),
  assistantMessage('{"location":"Tokyo"}', {
    channel: "commentary",
    recipient: "functions.get_weather",
    content_type: "<|constrain|>json",
  }),
  toolMessage("functions.get_weather", '{"sunny":true,"temperature":20}', {
    channel: "commentary",
    recipient: "assistant",
  }),
  assistantMessage("Sonnig, 20 °C.", { channel: "final" }),
];

const COMPLETION =
  "<|channel|>analysis<|message|>The tool says sunny, 20.<|end|>" +
  "<|start|>assistant<|channel|>final<|message|>In 東京 ist es sonnig, 20 °C. ☀️<|return|>";

const COLOURS = {
  [Role.SYSTEM]: "magenta",
  [Role.DEVELOPER]: "blue",
  [Role.USER]: "green",
  [Role.ASSISTANT]: "yellow",
  [Role.TOOL]: "cyan",
};

/** A table without lines between its rows. */
const PLAIN = {
  chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  style: { head: [], border: [] },
};

/** One row per token; the parser reports which message a token belongs to. */
function tokenTable(encoding, tokens) {
  const head = ["#", "id", "text", "role", "channel", "special"];
  const table = new Table({ head, ...PLAIN });
  const messages = messageOfEachToken(encoding, tokens);
  tokens.forEach((token, index) => {
    const { role, channel } = messages[index];
    const special = encoding.isSpecialToken(token);
    const colour = special ? "gray" : COLOURS[role];
    const text = styleText(colour, JSON.stringify(encoding.decode([token])));
    const id = styleText(colour, String(token));
    table.push([index, id, text, role, channel ?? "", special ? "special" : ""]);
  });
  return table.toString();
}

/**
 * Role and channel of the message that each token belongs to. A header is
 * known at its end; the last one of a prompt has none, and is the assistant's.
 */
function messageOfEachToken(encoding, tokens) {
  using parser = new StreamableParser(encoding, null);
  let message;
  return Array.from(tokens, (token) => {
    if (parser.state === StreamState.EXPECT_START) message = { role: Role.ASSISTANT };
    parser.process(token);
    if (parser.state === StreamState.CONTENT) {
      Object.assign(message, { role: parser.currentRole, channel: parser.currentChannel });
    }
    return message;
  });
}

function heading(text) {
  console.log(`\n${styleText("bold", text)}`);
}

const encoding = await loadHarmonyEncoding();
const prompt = encoding.renderConversationForCompletion(CONVERSATION.slice(0, -1), Role.ASSISTANT);
heading(`Rendered for completion: ${prompt.length} tokens`);
console.log(tokenTable(encoding, prompt));

const example = encoding.renderConversationForTraining(CONVERSATION, { auto_drop_analysis: false });
heading(`Rendered for training: ${example.length} tokens, of which the last message is`);
console.log(
  tokenTable(encoding, example.slice(example.lastIndexOf(encoding.specialTokens.get("<|start|>")))),
);

heading("A completion, parsed back into messages");
const completion = encoding.encode(COMPLETION, { allowedSpecial: "all" });
for (const message of encoding.parseMessagesFromCompletionTokens(completion, Role.ASSISTANT)) {
  console.log(JSON.stringify(message));
}

const { wasm_sha256, vocabulary_sha256 } = buildInfo();
heading("Checked against");
console.log(`wasm        sha256 ${wasm_sha256}`);
console.log(`vocabulary  sha256 ${vocabulary_sha256} (the published o200k_base.tiktoken)`);
console.log("upstream    openai-harmony 0.0.8, id for id: npm test");
