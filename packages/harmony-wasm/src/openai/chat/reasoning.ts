/** Finds an assistant's chain of thought: in a field, in a list of blocks, or among the parts of the content. */

import { RequestError } from "../errors.js";
import {
  arrayAt,
  entryOf,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalTextAt,
  parsedAt,
} from "../json/fields.js";

/** Fields that hold it as text. */
const TEXT_FIELDS = ["thinking", "reasoning_content", "reasoning"] as const;
/** Lists of blocks: OpenRouter's and LiteLLM's. */
const BLOCK_FIELDS = ["reasoning_details", "thinking_blocks"] as const;
/** Kinds of blocks and parts that are thoughts, and where their text is. */
const BLOCKS: Readonly<Record<string, string>> = {
  "reasoning.text": "text",
  thinking: "thinking",
  reasoning: "text",
};

/** Kinds of blocks that hold no thought: a summary of it, or what only its provider can read. */
const THOUGHTLESS: readonly unknown[] = [
  "reasoning.encrypted",
  "reasoning.summary",
  "redacted_thinking",
];

/** Says what is left out, and where it was. */
export type Omitted = (message: string, path: string) => void;

/**
 * The reasoning of a message, and its content without the parts that are reasoning. Blocks that hold
 * no thought are refused if nobody takes note of what is omitted.
 */
export function reasoningOf(
  fields: Fields,
  path: string,
  omitted?: Omitted,
): { reasoning?: string; content: unknown } {
  const given = new Map<string, string>();
  for (const field of TEXT_FIELDS) {
    const text = optionalTextAt(fields[field], `${path}.${field}`);
    if (text?.trim()) given.set(field, text);
  }
  const hasText = given.size > 0;
  for (const field of BLOCK_FIELDS) {
    const text = blocksText(fields[field], `${path}.${field}`, hasText, omitted);
    if (text.trim()) given.set(field, text);
  }
  const parts = partsOf(fields.content, `${path}.content`);
  if (parts.reasoning.trim()) given.set("content", parts.reasoning);
  if (given.size > 1 && new Set(Array.from(given.values(), (text) => text.trim())).size > 1) {
    const message = `expected one chain of thought, got different ones in ${[...given.keys()].join(", ")}`;
    throw new RequestError("invalid_conversation", message, path);
  }
  const [reasoning] = given.values();
  return { ...(reasoning !== undefined && { reasoning }), content: parts.content };
}

/** The text of blocks, given as a list or as its JSON text. Beside a text, summaries only repeat it. */
function blocksText(value: unknown, path: string, hasText: boolean, omitted?: Omitted): string {
  if (!isPresent(value) || value === "") return "";
  const blocks = arrayAt(typeof value === "string" ? parsedAt(value, path) : value, path);
  return blocks
    .map((block, index) => {
      const isOther = isFields(block) && entryOf(BLOCKS, block.type) === undefined;
      if (hasText && isOther) return "";
      const at = `${path}[${index}]`;
      if (!omitted || !isFields(block) || !THOUGHTLESS.includes(block.type))
        return blockText(block, at);
      omitted(`${block.type} is left out: it does not hold the thought`, at);
      return "";
    })
    .join("");
}

function blockText(block: unknown, path: string): string {
  const fields = fieldsAt(block, path);
  const field = entryOf(BLOCKS, fields.type);
  if (field === undefined) {
    const got = fields.type === undefined ? "no type" : `type ${JSON.stringify(fields.type)}`;
    const message = `expected a block of reasoning text, got ${got}`;
    throw new RequestError("unsupported_content", message, `${path}.type`);
  }
  return optionalTextAt(fields[field], `${path}.${field}`) ?? "";
}

/** Thoughts among the parts of the content, as Anthropic's messages have them. */
function partsOf(content: unknown, path: string): { reasoning: string; content: unknown } {
  if (!Array.isArray(content)) return { reasoning: "", content };
  const isThought = (part: unknown) =>
    isFields(part) && typeof part.type === "string" && Object.hasOwn(BLOCKS, part.type);
  const reasoning = content.map((part, index) =>
    isThought(part) ? blockText(part, `${path}[${index}]`) : "",
  );
  return { reasoning: reasoning.join(""), content: content.filter((part) => !isThought(part)) };
}
