/** Checks a row of ids by itself: whether it parses, and whether its columns agree. */

import {
  type HarmonyEncoding,
  HarmonyError,
  loadHarmonyEncodingSync,
  type Message,
  Role,
} from "harmony-wasm";
import type { IdRow } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";
import { firstDifference } from "./difference.ts";
import { parsedMessages } from "./parsing.ts";

/** An error in a rendered file. */
export interface Finding {
  row: number;
  check: "parse" | "render" | "columns" | "spans" | "source" | "against";
  /** A position in the row's ids. */
  position?: number;
  message: string;
}

const IGNORED = -100;
const ROLES: ReadonlySet<string> = new Set(Object.values(Role));

/**
 * Checks rows one by one. A conversation has messages that no completion has:
 * upstream's parser refuses the header of a tool result without a recipient. So
 * each message is parsed separately, and such results are counted.
 */
export class RowChecker {
  readonly #encoding: HarmonyEncoding = loadHarmonyEncodingSync();
  readonly #start = this.#special("<|start|>");
  readonly #message = this.#special("<|message|>");
  readonly #return = this.#special("<|return|>");
  /** The number of messages checked. */
  messages = 0;
  /** The number of messages whose author upstream's parser does not know. */
  unparsed = 0;

  /** The errors of a row. */
  *findings(row: IdRow): Generator<Finding> {
    yield* columnFindings(row);
    for (const [start, end] of samplesIn(row)) {
      if (row.ids[start] !== this.#start && end > start) {
        const message = "a sample does not start with <|start|>";
        yield { row: row.row, check: "parse", position: start, message };
      }
      for (const [from, to] of this.#messagesIn(row.ids, start, end)) {
        yield* this.#messageFindings(row, from, to);
      }
    }
  }

  /** A message must parse strictly, and the parsed message must render to the same ids. */
  *#messageFindings({ row, ids }: IdRow, start: number, end: number): Generator<Finding> {
    this.messages += 1;
    const parsed = this.#parsed(ids.subarray(start, end));
    if (parsed instanceof HarmonyError) {
      if (this.#hasUnknownAuthor(ids.subarray(start, end))) {
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
    const found = `renders to id ${again[at] ?? "none"}, the file has ${ids[start + at] ?? "none"}`;
    yield { row, check: "render", position: start + at, message: `the parsed message ${found}` };
  }

  /** A final answer ends with `<|return|>` for training, and with `<|end|>` when stored. */
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

  /** Text never contains the token `<|start|>`, so each one starts a message. */
  *#messagesIn(ids: Uint32Array, start: number, end: number): Generator<[number, number]> {
    let from = start;
    for (let at = start + 1; at <= end; at += 1) {
      if (at < end && ids[at] !== this.#start) continue;
      yield [from, at];
      from = at;
    }
  }

  /** Whether a whole header begins with a name that is not a role, such as a tool's. */
  #hasUnknownAuthor(message: Uint32Array): boolean {
    if (!message.includes(this.#message)) return false;
    const end = message.findIndex((id, at) => at > 0 && this.#encoding.isSpecialToken(id));
    const [author = ""] = this.#encoding.decode(message.subarray(1, end)).split(/\s/, 1);
    return !ROLES.has(author);
  }

  #special(text: string): number {
    const id = this.#encoding.specialTokens.get(text);
    if (id === undefined) throw new Error(`the vocabulary has no ${text}`);
    return id;
  }
}

/** Where the samples of a row start and end, without the padding. */
function samplesIn({ ids, fields }: IdRow): [start: number, end: number][] {
  const starts = Array.from(numberList(fields.seq_start_id) ?? [0]);
  const end = typeof fields.n_tokens === "number" ? fields.n_tokens : ids.length;
  return starts.map((start, index) => [start, starts[index + 1] ?? end]);
}

function* columnFindings({ row, ids, fields }: IdRow): Generator<Finding> {
  const mask = numberList(fields.loss_mask);
  const labels = numberList(fields.labels);
  for (const [name, values] of Object.entries({ loss_mask: mask, labels })) {
    if (values && values.length !== ids.length) {
      const message = `${name} has ${values.length} values for ${ids.length} ids`;
      yield { row, check: "columns", message };
    }
  }
  // The mask of a packed row may be shifted one position from its labels.
  if (!labels || !mask || fields.seq_start_id !== undefined) return;
  const position = disagreement(ids, labels, mask);
  if (position === undefined) return;
  yield { row, check: "columns", position, message: "labels and loss_mask disagree" };
}

/** The first label that is not the id where the mask is 1, and ignored elsewhere. */
function disagreement(
  ids: Uint32Array,
  labels: ArrayLike<number>,
  mask: ArrayLike<number>,
): number | undefined {
  for (let at = 0; at < labels.length; at += 1) {
    if (labels[at] !== (mask[at] === 1 ? ids[at] : IGNORED)) return at;
  }
  return undefined;
}
