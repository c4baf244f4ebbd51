/**
 * Detects the shape of an input's conversations from fields that only one shape
 * has. It looks at the first batch and never guesses; `harmony-wasm/openai` knows
 * the fields.
 */

import { missingMessages, type RowShape, type ShapeSign, shapeSigns } from "harmony-wasm/openai";
import { CommandError, UsageError } from "../exit.ts";
import { parsedJson } from "../files/parsed-json.ts";
import type { Shape } from "../rows/shapes.ts";
import type { InputBatch } from "./batch.ts";
import { IDS_COLUMN } from "./id-rows.ts";
import { rowTexts } from "./row-texts.ts";

const ASK = "pass --shape harmony or --shape chat";

const MANIFEST =
  "expected conversations or their token ids, got the manifest of a run: harmony verify checks the folder that it is in";

/** A field of one shape, with the row that has it. */
interface RowSign extends ShapeSign {
  row: number;
}

/** The shape of the input with this first batch; an error names the file. */
export function detectedShape(batch: InputBatch, name: string): Shape {
  try {
    return shapeOf(batch);
  } catch (error) {
    if (!(error instanceof CommandError) || name === "-") throw error;
    throw new CommandError(`${name}: ${error.message}`, error.exitCode);
  }
}

function shapeOf(batch: InputBatch): Shape {
  const signs = new Map<RowShape, RowSign>();
  let first: { row: unknown; text: string } | undefined;
  let start = "";
  for (const { text, row: number } of rowTexts(batch)) {
    start ||= text;
    const row = parsedJson(text);
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
  if (Object(row).manifest_version !== undefined) return MANIFEST;
  if (!hasMessages) return `${missingMessages(row, "--shape chat reads it")}${readersOf(row)}`;
  return `no row has a field that only harmony or only Chat Completions has: ${ASK}`;
}

/** The commands that read token ids. */
function readersOf(row: unknown): string {
  const { [IDS_COLUMN]: ids, tokens } = Object(row);
  if (Array.isArray(ids)) return "; harmony count, stats and verify read token ids";
  return Array.isArray(tokens) ? "; harmony verify --column tokens reads token ids" : "";
}

/** The reason is that of the first row: NaN and trailing commas are common. */
function notJson(start: string): string {
  const found = "expected JSON lines, one conversation per line; none of the first rows is JSON";
  const reason = start.trim() === "" ? undefined : faultOf(start);
  return reason === undefined ? found : `${found}: ${reason}`;
}

/** Why a text is not JSON, or undefined. */
function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
