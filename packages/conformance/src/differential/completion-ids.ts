/**
 * Random completions, short and many: a walk along the grammar of messages on
 * which any part may be missing, doubled or something else, so that the parser
 * is brought into every state with every kind of token.
 */

import type { HarmonyEncoding } from "harmony-wasm";
import { oneOf } from "./json-text.ts";
import { type Random, randomText } from "./texts.ts";

const ROLES = ["assistant", "user", "tool", "system", "developer", "functions.f", "robot"] as const;
const CHANNELS = ["analysis", "commentary", "final", " analysis", "x"] as const;
const RECIPIENTS = [" to=functions.f", " to=assistant", "to=a", " to=", " to=a to=b"] as const;
const CONTENT_TYPES = [
  "<|constrain|>json",
  " <|constrain|>json",
  " json",
  " code",
  " x y",
] as const;
const ENDS = ["<|end|>", "<|call|>", "<|return|>"] as const;
const CONTENTS = ["Hi", '{"a": 1e21}', "", "  ", "東京 😀", "<|", "é"] as const;
/** Ids that matter to the parser, and unknown ids. */
const NOTABLE_IDS = [
  199999,
  200002,
  200003,
  200005,
  200006,
  200007,
  200008,
  200012,
  200018,
  201088,
  201089,
  2 ** 32 - 1,
  9552,
  173781,
] as const;
/** Tokens that are parts of characters: in text they wait for the rest. */
const PARTS_OF_CHARACTERS = [2203, 127, 187, 188, 222, 102] as const;

/** Makes one completion after the other. */
export class CompletionIds {
  readonly #encoding: HarmonyEncoding;
  readonly #random: Random;
  readonly #known = new Map<string, readonly number[]>();

  constructor(encoding: HarmonyEncoding, random: Random) {
    this.#encoding = encoding;
    this.#random = random;
  }

  /** The ids of a completion of up to three messages. */
  next(): number[] {
    const count = 1 + this.#random(3);
    return Array.from({ length: count }, (_, index) => this.#message(index === 0)).flat();
  }

  #message(isFirst: boolean): number[] {
    const random = this.#random;
    const recipient = oneOf(random, RECIPIENTS);
    return [
      ...this.#part(isFirst ? 2 : 20, "<|start|>"),
      ...this.#part(isFirst ? 2 : 20, oneOf(random, ROLES)),
      ...this.#part(random(4) === 0 ? 20 : 0, recipient),
      ...this.#part(10, "<|channel|>"),
      ...this.#part(10, oneOf(random, CHANNELS)),
      ...this.#part(random(3) === 0 ? 20 : 0, recipient),
      ...this.#part(random(4) === 0 ? 20 : 0, oneOf(random, CONTENT_TYPES)),
      ...this.#part(20, "<|message|>"),
      ...this.#content(),
      ...this.#part(8, oneOf(random, ENDS)),
    ];
  }

  /** The part, missing once in `times`; now and then doubled or something else. */
  #part(times: number, text: string): readonly number[] {
    const random = this.#random;
    const ids = this.#idsOf(text);
    if (random(60) === 0) return [...ids, ...ids];
    if (random(40) === 0) return [oneOf(random, NOTABLE_IDS)];
    return times === 0 || random(times) === 0 ? [] : ids;
  }

  #content(): readonly number[] {
    const random = this.#random;
    const kind = random(8);
    if (kind < 4) return this.#idsOf(oneOf(random, CONTENTS));
    if (kind < 6) return [...this.#encoding.encodeOrdinary(randomText(this.#encoding, random, 12))];
    const length = random(5);
    return Array.from({ length }, () =>
      kind === 6 ? oneOf(random, PARTS_OF_CHARACTERS) : random(201_100),
    );
  }

  #idsOf(text: string): readonly number[] {
    const known = this.#known.get(text);
    if (known) return known;
    const ids = [...this.#encoding.encode(text, { allowedSpecial: "all" })];
    this.#known.set(text, ids);
    return ids;
  }
}
