/**
 * Proves in two calls that a whole sample is correct, which nearly all are;
 * checking message by message with upstream's parser costs four times as much.
 * The proof has two parts. All ids are those of their own text, with special
 * tokens where they were: then the ids of each content are those of its text.
 * And each header with its terminator, around an empty content, is a correct
 * message: a header decides the terminator, and contents change neither.
 */

import { type HarmonyEncoding, HarmonyError, loadHarmonyEncodingSync } from "harmony-wasm";
import { firstDifference } from "./difference.ts";
import { type MessageChecker, specialId, type Verdict } from "./message-checker.ts";

/** The messages of a sample that is correct. */
export interface CheckedSample {
  messages: number;
  unparsed: number;
}

/** Recipients come from the data, so the headers that are kept are few. */
const MOST_HEADERS = 4096;

/** Proves samples, and keeps the headers that it has checked. */
export class SampleCheck {
  readonly #encoding: HarmonyEncoding = loadHarmonyEncodingSync();
  readonly #checker: MessageChecker;
  readonly #start = specialId(this.#encoding, "<|start|>");
  readonly #message = specialId(this.#encoding, "<|message|>");
  readonly #firstSpecial = Math.min(...this.#encoding.specialTokens.values());
  readonly #stops: ReadonlySet<number> = new Set(this.#encoding.stopTokens());
  readonly #headers = new Map<string, Verdict>();

  constructor(checker: MessageChecker) {
    this.#checker = checker;
  }

  /** The messages, or undefined for a sample that has to be checked message by message. */
  checked(ids: Uint32Array): CheckedSample | undefined {
    const sample = { messages: 0, unparsed: 0 };
    for (let start = 0; start < ids.length; ) {
      const content = this.#afterHeader(ids, start);
      const end = content && this.#afterContent(ids, content);
      if (content === undefined || end === undefined) return undefined;
      const verdict = this.#headerVerdict(ids.subarray(start, content), ids[end - 1] ?? 0);
      if (typeof verdict !== "string") return undefined;
      sample.messages += 1;
      if (verdict === "unparsed") sample.unparsed += 1;
      start = end;
    }
    return this.#areOfTheirText(ids) ? sample : undefined;
  }

  /** The position after the `<|message|>` of the header at `start`. */
  #afterHeader(ids: Uint32Array, start: number): number | undefined {
    if (ids[start] !== this.#start) return undefined;
    for (let at = start + 1; at < ids.length; at += 1) {
      const id = ids[at] ?? 0;
      if (id === this.#message) return at + 1;
      if (id === this.#start || this.#stops.has(id)) return undefined;
    }
    return undefined;
  }

  /** The position after the terminator; a content with another special token is not text. */
  #afterContent(ids: Uint32Array, content: number): number | undefined {
    for (let at = content; at < ids.length; at += 1) {
      const id = ids[at] ?? 0;
      if (id >= this.#firstSpecial) return this.#stops.has(id) ? at + 1 : undefined;
    }
    return undefined;
  }

  #headerVerdict(header: Uint32Array, stop: number): Verdict {
    const key = `${header.join()},${stop}`;
    const known = this.#headers.get(key);
    if (known !== undefined) return known;
    const verdict = this.#checker.verdict(Uint32Array.of(...header, stop));
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear();
    this.#headers.set(key, verdict);
    return verdict;
  }

  #areOfTheirText(ids: Uint32Array): boolean {
    try {
      const text = this.#encoding.decodeUtf8(ids);
      const again = this.#encoding.encode(text, { allowedSpecial: "all" });
      return firstDifference(ids, again) === undefined;
    } catch (error) {
      if (error instanceof HarmonyError && error.code !== "instance_lost") return false;
      throw error;
    }
  }
}
