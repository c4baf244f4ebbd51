/** What can be said of a row of ids by itself: does it parse, and do its columns agree. */

import {
  type HarmonyEncoding,
  HarmonyError,
  loadHarmonyEncodingSync,
  type Message,
} from "harmony-wasm";
import type { IdRow } from "../input/id-rows.ts";
import { firstDifference } from "./difference.ts";
import { parsedMessages } from "./parsing.ts";

/** Something that is not as it should be. */
export interface Finding {
  row: number;
  check: "parse" | "render" | "columns" | "spans" | "source" | "against";
  /** A position in the row's ids. */
  position?: number;
  message: string;
}

const IGNORED = -100;

/**
 * Checks rows one by one. A rendered conversation is more than a completion:
 * upstream's parser refuses the header of a tool's result that names no
 * recipient. So each message is parsed by itself, and such results are counted.
 */
export class RowChecker {
  readonly #encoding: HarmonyEncoding = loadHarmonyEncodingSync();
  readonly #start = this.#special("<|start|>");
  readonly #return = this.#special("<|return|>");
  /** Messages that have been looked at. */
  messages = 0;
  /** Those of an author that upstream's parser does not know. */
  unparsed = 0;

  /** What is wrong with a row. */
  *findings(row: IdRow): Generator<Finding> {
    yield* columnFindings(row);
    for (const [start, end] of samplesIn(row)) {
      if (row.ids[start] !== this.#start && end > start) {
        const message = "a sample does not begin with <|start|>";
        yield { row: row.row, check: "parse", position: start, message };
      }
      for (const [from, to] of this.#messagesIn(row.ids, start, end)) {
        yield* this.#messageFindings(row, from, to);
      }
    }
  }

  /** A message parses strictly, and what it parses to renders to the same ids. */
  *#messageFindings({ row, ids }: IdRow, start: number, end: number): Generator<Finding> {
    this.messages += 1;
    const parsed = this.#parsed(ids.subarray(start, end));
    if (parsed instanceof HarmonyError) {
      if (parsed.message.startsWith("Unknown role: ")) {
        this.unparsed += 1;
        return;
      }
      const position = start + (parsed.index ?? 0);
      yield { row, check: "parse", position, message: parsed.message };
      return;
    }
    const again = parsed.flatMap((message) => Array.from(this.#encoding.render(message)));
    const at = this.#differenceOf(ids.subarray(start, end), Uint32Array.from(again));
    if (at === undefined) return;
    const found = `renders to ${again[at] ?? "no id"} where it has ${ids[start + at] ?? "none"}`;
    yield { row, check: "render", position: start + at, message: `what it parses to ${found}` };
  }

  /** Training ends a final answer with another terminator than storing it does. */
  #differenceOf(message: Uint32Array, again: Uint32Array): number | undefined {
    const isReturn = message.at(-1) === this.#return;
    return isReturn
      ? firstDifference(message.subarray(0, -1), again.subarray(0, -1))
      : firstDifference(message, again);
  }

  #parsed(message: Uint32Array): Message[] | HarmonyError {
    try {
      return parsedMessages(this.#encoding, message, { role: undefined, strict: true });
    } catch (error) {
      if (error instanceof HarmonyError) return error;
      throw error;
    }
  }

  /** No text has a `<|start|>`, so every one begins a message. */
  *#messagesIn(ids: Uint32Array, start: number, end: number): Generator<[number, number]> {
    let from = start;
    for (let at = start + 1; at <= end; at += 1) {
      if (at < end && ids[at] !== this.#start) continue;
      yield [from, at];
      from = at;
    }
  }

  #special(text: string): number | undefined {
    return this.#encoding.specialTokens.get(text);
  }
}

/** Where the samples of a row begin and end: its packs, without the padding. */
function samplesIn({ ids, fields }: IdRow): [start: number, end: number][] {
  const starts = numbers(fields.seq_start_id) ?? [0];
  const end = typeof fields.n_tokens === "number" ? fields.n_tokens : ids.length;
  return starts.map((start, index) => [start, starts[index + 1] ?? end]);
}

function* columnFindings({ row, ids, fields }: IdRow): Generator<Finding> {
  const mask = numbers(fields.loss_mask);
  const labels = numbers(fields.labels);
  for (const [name, values] of Object.entries({ loss_mask: mask, labels })) {
    if (values && values.length !== ids.length) {
      const message = `${name} has ${values.length} places for ${ids.length} ids`;
      yield { row, check: "columns", message };
    }
  }
  // A packed row's mask may stand one place ahead of its labels.
  if (!labels || !mask || fields.seq_start_id !== undefined) return;
  const position = labels.findIndex((label, at) => label !== (mask[at] === 1 ? ids[at] : IGNORED));
  if (position < 0) return;
  yield { row, check: "columns", position, message: "labels and loss_mask disagree" };
}

function numbers(value: unknown): number[] | undefined {
  return Array.isArray(value) ? value.map(Number) : undefined;
}
