/**
 * Rows of training data as data sets have them, in both shapes: the same
 * conversations as Chat Completions and as harmony's own JSON. Texts are pieces
 * of all corpora, so that no encoder remembers most of the words: prose, code,
 * JSON, chat and ten languages; turns, lengths, thoughts and tool calls vary.
 */

import { functionTools } from "harmony-wasm";
import { type CorpusName, makeCorpora } from "../corpora/corpora.ts";
import { type Random, randomFrom } from "../corpora/random.ts";

/** The two shapes of a row. */
export type RowShape = "chat" | "harmony";

interface Turn {
  question: string;
  thinking: string | undefined;
  /** The arguments and the result of a tool call before the answer. */
  call: { arguments: string; result: string } | undefined;
  answer: string;
}

interface Conversation {
  id: string;
  instructions: string | undefined;
  hasTools: boolean;
  turns: Turn[];
}

/** Of a hundred pieces of text, how many come from each corpus. */
const SHARES: Partial<Record<CorpusName, number>> = {
  documentation: 34,
  code: 20,
  chat: 20,
  json: 6,
  logs: 2,
  chinese: 4,
  japanese: 3,
  korean: 2,
  russian: 3,
  arabic: 2,
  hindi: 2,
  thai: 2,
};
const MOST_TURNS = 5;
const SEED = 15;

const TOOL = {
  name: "search",
  description: "Searches the documents of the workspace, and returns the best passages.",
  parameters: {
    type: "object",
    properties: {
      query: { type: "string", description: "What to look for" },
      limit: { type: "integer", description: "How many passages", default: 5 },
      language: { type: "string", enum: ["en", "de", "ja", "zh"] },
    },
    required: ["query"],
  },
};

/** Lines of JSON in the shape, at least `bytes` of them together; the same for every run. */
export function* rowLines(shape: RowShape, bytes: number): Generator<string> {
  const random = randomFrom(SEED);
  const pieces = pieceMaker(random);
  for (let written = 0, row = 0; written < bytes; row += 1) {
    const line = `${JSON.stringify(rowOf(shape, conversationOf(row, pieces, random)))}\n`;
    written += Buffer.byteLength(line);
    yield line;
  }
}

/** Pieces of the corpora of about a length, each from a random place. */
function pieceMaker(random: Random): (length: number) => string {
  const { texts } = makeCorpora();
  const names = Object.entries(SHARES).flatMap(([name, share]) => Array(share).fill(name));
  const joined = new Map(
    Object.entries(texts).map(([name, { measured }]) => [name, measured.join("\n\n")]),
  );
  return (length) => {
    const text = joined.get(names[random(names.length)]) ?? "";
    const at = random(Math.max(1, text.length - length));
    return text
      .slice(at, at + length)
      .toWellFormed()
      .replaceAll("\uFFFD", "");
  };
}

function conversationOf(
  row: number,
  piece: (length: number) => string,
  random: Random,
): Conversation {
  const isOneIn = (count: number) => random(count) === 0;
  const hasTools = isOneIn(5);
  const turns = Array.from({ length: 1 + random(MOST_TURNS) }, (): Turn => {
    return {
      question: piece(lengthFrom(random, 40, 4)),
      thinking: isOneIn(3) ? undefined : piece(lengthFrom(random, 120, 5)),
      call:
        hasTools && isOneIn(2)
          ? {
              arguments: JSON.stringify({ query: piece(40), limit: random(9) }),
              result: JSON.stringify({ passages: [piece(lengthFrom(random, 200, 3))] }),
            }
          : undefined,
      answer: piece(lengthFrom(random, 100, 5)),
    };
  });
  const instructions = isOneIn(2) ? piece(lengthFrom(random, 60, 3)) : undefined;
  return { id: `row-${row}`, instructions, hasTools, turns };
}

/** From `least` characters up, doubled at random: most pieces are short, a few are long. */
function lengthFrom(random: Random, least: number, doublings: number): number {
  return (least + random(least)) * 2 ** random(doublings);
}

function rowOf(shape: RowShape, conversation: Conversation): object {
  return shape === "chat" ? chatRow(conversation) : harmonyRow(conversation);
}

function chatRow({ id, instructions, hasTools, turns }: Conversation): object {
  const messages = turns.flatMap(({ question, thinking, call, answer }, index) => [
    { role: "user", content: question },
    ...(call ? chatCall(call, `${id}-${index}`) : []),
    { role: "assistant", ...(thinking !== undefined && { thinking }), content: answer },
  ]);
  const system = instructions === undefined ? [] : [{ role: "system", content: instructions }];
  const tools = hasTools && { tools: [{ type: "function", function: TOOL }] };
  return { id, messages: [...system, ...messages], ...tools };
}

function chatCall(call: { arguments: string; result: string }, id: string): object[] {
  const made = { id, type: "function", function: { name: TOOL.name, arguments: call.arguments } };
  return [
    { role: "assistant", content: null, tool_calls: [made] },
    { role: "tool", tool_call_id: id, content: call.result },
  ];
}

function harmonyRow({ id, instructions, hasTools, turns }: Conversation): object {
  const developer = {
    type: "developer_content",
    ...(instructions !== undefined && { instructions }),
    ...(hasTools && { tools: functionTools([TOOL]) }),
  };
  const messages = turns.flatMap(({ question, thinking, call, answer }) => [
    { role: "user", content: question },
    ...(call ? harmonyCall(call) : []),
    ...(thinking === undefined
      ? []
      : [{ role: "assistant", channel: "analysis", content: thinking }]),
    { role: "assistant", channel: "final", content: answer },
  ]);
  return { id, messages: [{ role: "developer", content: [developer] }, ...messages] };
}

function harmonyCall(call: { arguments: string; result: string }): object[] {
  const [tool, channel] = [`functions.${TOOL.name}`, "commentary"];
  const made = { recipient: tool, channel, content_type: "<|constrain|>json" };
  const result = { name: tool, recipient: "assistant", channel };
  return [
    { role: "assistant", ...made, content: call.arguments },
    { role: "tool", ...result, content: call.result },
  ];
}
