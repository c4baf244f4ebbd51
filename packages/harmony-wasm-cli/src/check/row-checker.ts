/** Checks a row of ids by itself: whether it parses, and whether its columns agree. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { IdRow } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";
import { type Fault, MessageChecker, specialId } from "./message-checker.ts";
import type { Sample, SampledRow } from "./proved-samples.ts";

/** An error in a rendered file. */
export interface Finding {
  row: number;
  check: "parse" | "render" | "columns" | "spans" | "source" | "against";
  /** A position in the row's ids. */
  position?: number;
  message: string;
}

/** The columns that must agree with the ids. */
export const CHECKED_COLUMNS = [
  "loss_mask",
  "labels",
  "seq_start_id",
  "n_tokens",
  "attention_mask",
];

const IGNORED = -100;

/**
 * Checks rows one by one. A conversation has messages that no completion has:
 * upstream's parser refuses the header of a tool result without a recipient. So
 * each message is parsed separately, and such results are counted.
 */
export class RowChecker {
  readonly #start = specialId(loadHarmonyEncodingSync(), "<|start|>");
  readonly #checker = new MessageChecker();
  readonly #cutAt: number | undefined;
  /** The number of messages checked. */
  messages = 0;
  /** The number of messages whose author upstream's parser does not know. */
  unparsed = 0;

  /** `cutAt`: the number of ids at which samples were cut, even inside a message. */
  constructor(cutAt?: number) {
    this.#cutAt = cutAt;
  }

  /** The errors of a row. */
  *findings({ row, samples }: SampledRow): Generator<Finding> {
    yield* columnFindings(row);
    for (const sample of samples) {
      this.messages += sample.proved?.messages ?? 0;
      this.unparsed += sample.proved?.unparsed ?? 0;
      if (!sample.proved) yield* this.#sampleFindings(row, sample);
    }
  }

  *#sampleFindings({ row, ids }: IdRow, { start, end }: Sample): Generator<Finding> {
    if (ids[start] !== this.#start && end > start) {
      const message = "a sample does not start with <|start|>";
      yield { row, check: "parse", position: start, message };
    }
    for (const [from, to] of this.#messagesIn(ids, start, end)) {
      this.messages += 1;
      const verdict = this.#checker.verdict(ids.subarray(from, to));
      const isCut = to === end && end - start === this.#cutAt;
      if (verdict === "unparsed") this.unparsed += 1;
      else if (verdict !== "correct" && !(isCut && isUnfinished(verdict, to - from))) {
        yield { row, ...verdict, position: from + verdict.position };
      }
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
}

/**
 * Whether a message lacks nothing but its end. Text that is cut inside a character or a word may
 * have other ids when it is encoded again, so that its ids prove nothing.
 */
function isUnfinished({ check, position }: Fault, length: number): boolean {
  return check === "render" || position >= length;
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
  if (!labels || labels.length !== ids.length) return;
  const wrong = wrongLabel(labels, ids);
  if (wrong !== undefined) {
    const message = `labels has ${labels[wrong]} at the id ${ids[wrong]}; expected the id or ${IGNORED}`;
    yield { row, check: "columns", position: wrong, message };
    return;
  }
  // The mask of a packed row may be shifted one position from its labels.
  if (!mask || fields.seq_start_id !== undefined) return;
  const position = disagreement(labels, mask);
  if (position === undefined) return;
  yield { row, check: "columns", position, message: "labels and loss_mask disagree" };
}

/** The first position that has a label other than its id. As a loop of its own: a call for each id takes four times as long. */
function wrongLabel(labels: ArrayLike<number>, ids: Uint32Array): number | undefined {
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    if (label !== IGNORED && label !== ids[at]) return at;
  }
  return undefined;
}

/** The first position that only one of the labels and the mask trains on. */
function disagreement(labels: ArrayLike<number>, mask: ArrayLike<number>): number | undefined {
  for (let at = 0; at < labels.length; at += 1) {
    if ((labels[at] !== IGNORED) !== (mask[at] === 1)) return at;
  }
  return undefined;
}
