/**
 * Asks a question and shows the answer while it is sampled: what the model
 * thinks is dim, what it answers is bright.
 *
 *     node examples/terminal.ts "What is 2 + 2?"
 */

import { loadHarmonyEncoding, parseStream, Role, systemMessage, userMessage } from "harmony-wasm";
import { sampled } from "./completions.ts";

const DIM = "\x1b[2m";
const BRIGHT = "\x1b[1m";
const PLAIN = "\x1b[0m";

const question = process.argv[2] ?? "What is 2 + 2?";
const encoding = await loadHarmonyEncoding();
const prompt = encoding.renderConversationForCompletion(
  [systemMessage(), userMessage(question)],
  Role.ASSISTANT,
);
const tokens = sampled(prompt, encoding.stopTokensForAssistantActions());

for await (const event of parseStream(encoding, tokens, { role: Role.ASSISTANT })) {
  switch (event.type) {
    case "message-start":
      process.stdout.write(event.channel === "analysis" ? DIM : BRIGHT);
      break;
    case "content-delta":
      process.stdout.write(event.delta);
      break;
    case "message-end":
      process.stdout.write(`${PLAIN}\n`);
      for (const { note } of event.repairs) console.error(`repaired: ${note}`);
      break;
  }
}
