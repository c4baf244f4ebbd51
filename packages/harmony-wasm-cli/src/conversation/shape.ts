/**
 * Which shape the conversations of an input have. Fields of the first batch say
 * it; where none does, nothing is guessed. What each row says is decided by
 * `harmony-wasm/openai`.
 */

import { missingMessages, type RowShape, type ShapeSign, shapeSigns } from "harmony-wasm/openai";
import { CommandError, UsageError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import { rowTexts } from "../input/row-texts.ts";
import type { Shape } from "../options/render-options.ts";

const ASK = "say --shape harmony or --shape chat";

/** A sign, with the row that has it. */
interface RowSign extends ShapeSign {
  row: number;
}

/** The shape of an input whose first batch this is. */
export function detectedShape(batch: InputBatch): Shape {
  const signs = new Map<RowShape, RowSign>();
  let first: { row: unknown; text: string } | undefined;
  let start = "";
  for (const { text, row: number } of rowTexts(batch)) {
    start ||= text;
    const row = parsed(text);
    if (row !== undefined) first ??= { row, text };
    for (const sign of shapeSigns(row)) {
      if (!signs.has(sign.shape)) signs.set(sign.shape, { ...sign, row: number });
    }
  }
  if (!first) throw new CommandError(notJson(start));
  const [sign, other] = [...signs.values()];
  if (sign && !other) return sign.shape;
  throw new UsageError(sign && other ? mixed(sign, other) : unsaid(first.row));
}

function mixed(sign: RowSign, other: RowSign): string {
  const [chat, harmony] = sign.shape === "chat" ? [sign, other] : [other, sign];
  const one = `row ${chat.row} has ${chat.path}, a field of Chat Completions`;
  return `${one}, and row ${harmony.row} has ${harmony.path}, a field of harmony: ${ASK}`;
}

function unsaid(row: unknown): string {
  const hasMessages = Array.isArray(row) || Object(row).messages !== undefined;
  if (!hasMessages) return missingMessages(row);
  return `no row has a field that tells harmony's shape from that of Chat Completions: ${ASK}`;
}

function notJson(start: string): string {
  const advice = "expected JSON lines, one conversation a line";
  return start.trimStart().startsWith("[") || start.trimStart().startsWith("{")
    ? `${advice}; the input looks like one JSON value over several lines: write it with jq -c '.[]'`
    : `${advice}: no row of the input's beginning is JSON`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
