/**
 * Which shape the conversations of an input have. Fields say it that one shape
 * has and the other has not; where no row of the first batch has any, nothing
 * is guessed: the two shapes of the same text have different ids.
 */

import { CommandError, UsageError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import { rowTexts } from "../input/row-texts.ts";
import type { Shape } from "../options/render-options.ts";

const HARMONY_FIELDS = ["channel", "recipient", "content_type"];
const HARMONY_PARTS = ["system_content", "developer_content"];
const CHAT_FIELDS = [
  "thinking",
  "reasoning_content",
  "reasoning",
  "tool_calls",
  "function_call",
  "tool_call_id",
  "weight",
  "refusal",
];
const CHAT_ROW_FIELDS = ["tools", "functions", "reasoning_effort", "chat_template_kwargs"];

/** The shape of an input whose first batch this is. */
export function detectedShape(batch: InputBatch): Shape {
  const found = new Set<Shape>();
  let hasJson = false;
  for (const { text } of rowTexts(batch)) {
    const row = parsed(text);
    hasJson ||= row !== undefined;
    for (const shape of shapesOf(row)) found.add(shape);
  }
  if (!hasJson) throw new CommandError("no row of the input's beginning is JSON");
  const [shape, other] = found;
  if (shape !== undefined && other === undefined) return shape;
  const reason = other
    ? "some rows are in harmony's shape and some in that of Chat Completions"
    : "no row says whether it is in harmony's shape or in that of Chat Completions";
  throw new UsageError(`${reason}: say --shape harmony or --shape chat`);
}

/** The shapes of which a row has a field. */
function shapesOf(row: unknown): Shape[] {
  if (typeof row !== "object" || row === null) return [];
  const messages: unknown = Array.isArray(row) ? row : Object(row).messages;
  const all: unknown[] = Array.isArray(messages) ? messages : [];
  const isChat = has(row, CHAT_ROW_FIELDS) || all.some((message) => has(message, CHAT_FIELDS));
  return [
    ...(isChat ? ["chat" as const] : []),
    ...(all.some(isHarmony) ? ["harmony" as const] : []),
  ];
}

function isHarmony(message: unknown): boolean {
  if (has(message, HARMONY_FIELDS)) return true;
  const content: unknown = Object(message).content;
  return (
    Array.isArray(content) && content.some((part) => HARMONY_PARTS.includes(Object(part).type))
  );
}

/** Whether an object has one of these fields, with something in it. */
function has(value: unknown, names: readonly string[]): boolean {
  const fields: Readonly<Record<string, unknown>> = Object(value);
  return names.some((name) => fields[name] !== undefined && fields[name] !== null);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
