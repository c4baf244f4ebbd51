/** Checks a row of ids by itself: whether it parses, and whether its columns agree. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { IdRow } from "../input/id-rows.ts";
import { type Fault, MessageChecker, specialId } from "./message-checker.ts";
import type { Sample, SampledRow } from "./proved-samples.ts";
import { columnFaults } from "./row-columns.ts";

/** An error in a rendered file. */
export interface Finding {
  row: number;
  check: "parse" | "render" | "columns" | "source" | "against";
  /** A position in the row's ids. */
  position?: number;
  message: string;
}

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
  *findings({ row, samples, bounds }: SampledRow): Generator<Finding> {
    for (const fault of columnFaults(row, bounds)) {
      yield { row: row.row, check: "columns", ...fault };
    }
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
