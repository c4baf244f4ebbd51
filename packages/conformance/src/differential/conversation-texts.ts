/**
 * Random conversations as JSON text, made fast: a run of a million of them
 * against the wheel is about what their schemas hold, so most have tools.
 */

import type { HarmonyEncoding } from "harmony-wasm";
import { arrayText, numberText, objectText, oneOf, stringText } from "./json-text.ts";
import { type Random, randomText } from "./texts.ts";

const WORDS = [
  "",
  "x",
  "city",
  "get weather",
  "two\nlines",
  "\n",
  'a "quote"',
  "back\\slash /",
  "tab\tand\u0001\u007f",
  "naïve 東京 😀",
  "\u2028\u0085",
  "null",
  "<|start|>",
  "// note",
] as const;
const KEYS = ["a", "b", "city", "naïve", "two words", "10", "9", "-1", "01", "", "$ref"] as const;
const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null", "odd"] as const;
const RECIPIENTS = ["all", "assistant", "functions.f", "browser.search", "", "a b"] as const;
const CHANNELS = ["analysis", "commentary", "final", "", "with space", "<|end|>"] as const;
const CONTENT_TYPES = ["json", "code", "<|constrain|>json", "<|constrain|> json", ""] as const;
const DEEPEST = 3;

/** Makes the parts of one conversation after the other. */
export class ConversationTexts {
  readonly #random: Random;
  readonly #encoding: HarmonyEncoding;

  constructor(encoding: HarmonyEncoding, random: Random) {
    this.#random = random;
    this.#encoding = encoding;
  }

  /** The JSON text of a conversation. */
  next(): string {
    const messages = [
      this.#chance(2, () => this.#messageOf("system", this.#systemContent())),
      this.#chance(4, () => this.#messageOf("developer", this.#developerContent())),
      ...Array.from({ length: this.#random(4) }, () => this.#message()),
    ].filter((message) => message !== undefined);
    return objectText(this.#random, [["messages", `[${messages.join(",")}]`]]);
  }

  /** Present in all but one of `times`. */
  #chance<T>(times: number, make: () => T): T | undefined {
    return this.#random(times) === 0 ? undefined : make();
  }

  /** Present once in `times`. */
  #rarely<T>(times: number, make: () => T): T | undefined {
    return this.#random(times) === 0 ? make() : undefined;
  }

  #word(): string {
    const random = this.#random;
    const text =
      random(4) > 0 ? oneOf(random, WORDS) : randomText(this.#encoding, random, random(12));
    return stringText(random, text);
  }

  #key(): string {
    return this.#random(3) > 0 ? oneOf(this.#random, KEYS) : `k${this.#random(100)}`;
  }

  #oneText(items: readonly [string, ...string[]]): string {
    return stringText(this.#random, oneOf(this.#random, items));
  }

  /** Any JSON; more numbers than anything else. */
  #value(depth: number): string {
    const random = this.#random;
    const kind = random(depth > DEEPEST ? 6 : 8);
    if (kind < 3) return numberText(random);
    if (kind < 5) return this.#word();
    if (kind < 6) return oneOf(random, ["true", "false", "null"]);
    if (kind < 7) return arrayText(random, 3, () => this.#value(depth + 1));
    return this.#objectOf(() => this.#value(depth + 1));
  }

  #objectOf(value: () => string): string {
    const count = this.#random(4);
    return objectText(
      this.#random,
      Array.from({ length: count }, () => [this.#key(), value()] as const),
    );
  }

  #schema(depth: number): string {
    const random = this.#random;
    if (random(30) === 0) return this.#value(depth);
    const inner = () => this.#schema(depth + 1);
    const isDeep = depth > DEEPEST;
    const values = (times: number) =>
      this.#rarely(times, () => arrayText(random, 4, () => this.#value(depth + 1)));
    return objectText(random, [
      ["type", this.#chance(8, () => this.#type(depth))],
      ["title", this.#rarely(6, () => this.#word())],
      ["description", this.#rarely(3, () => this.#word())],
      ["default", this.#rarely(2, () => this.#value(depth + 1))],
      ["enum", values(5)],
      ["examples", values(5)],
      ["minimum", this.#rarely(8, () => numberText(random))],
      ["nullable", this.#rarely(8, () => this.#value(DEEPEST + 1))],
      ["required", this.#rarely(3, () => arrayText(random, 2, () => this.#oneText(KEYS)))],
      ["properties", isDeep ? undefined : this.#chance(3, () => this.#objectOf(inner))],
      ["items", isDeep ? undefined : this.#rarely(4, inner)],
      ["oneOf", isDeep ? undefined : this.#rarely(6, () => arrayText(random, 3, inner))],
      ["anyOf", isDeep ? undefined : this.#rarely(12, () => arrayText(random, 2, inner))],
      ["x-other", this.#rarely(12, () => this.#value(depth + 1))],
    ]);
  }

  #type(depth: number): string {
    if (depth === 0 && this.#random(8) > 0) return '"object"';
    if (this.#random(5) > 0) return this.#oneText(TYPES);
    return arrayText(this.#random, 3, () => this.#oneText(TYPES));
  }

  #tools(): string {
    const random = this.#random;
    const tool = () =>
      objectText(random, [
        ["name", this.#word()],
        ["description", this.#word()],
        ["parameters", this.#chance(8, () => (random(20) === 0 ? "null" : this.#schema(0)))],
      ]);
    const namespace = () =>
      objectText(random, [
        ["name", random(2) === 0 ? '"functions"' : this.#word()],
        ["description", random(2) === 0 ? "null" : this.#word()],
        ["tools", arrayText(random, 2, tool)],
      ]);
    const others = Array.from({ length: random(3) === 0 ? 1 : 0 }, () => this.#key());
    return objectText(
      random,
      ["functions", ...others].map((name) => [name, namespace()] as const),
    );
  }

  #systemContent(): string {
    const random = this.#random;
    const channels = () =>
      objectText(random, [
        ["valid_channels", arrayText(random, 3, () => this.#word())],
        ["channel_required", oneOf(random, ["true", "false"])],
      ]);
    return objectText(random, [
      ["type", '"system_content"'],
      ["model_identity", this.#rarely(3, () => this.#word())],
      ["reasoning_effort", this.#rarely(2, () => this.#oneText(["Low", "Medium", "High"]))],
      ["tools", this.#rarely(4, () => this.#tools())],
      ["conversation_start_date", this.#rarely(3, () => this.#word())],
      ["knowledge_cutoff", this.#rarely(3, () => this.#word())],
      ["channel_config", this.#rarely(3, channels)],
    ]);
  }

  #developerContent(): string {
    return objectText(this.#random, [
      ["type", '"developer_content"'],
      ["instructions", this.#rarely(3, () => this.#word())],
      ["tools", this.#chance(6, () => this.#tools())],
    ]);
  }

  #messageOf(role: string, content: string): string {
    return objectText(this.#random, [
      ["role", `"${role}"`],
      ["content", `[${content}]`],
    ]);
  }

  #message(): string {
    const random = this.#random;
    const text = () => {
      if (random(4) === 0) return this.#value(0).startsWith("{") ? this.#word() : this.#arguments();
      return stringText(random, randomText(this.#encoding, random, random(60)));
    };
    const list = () =>
      arrayText(random, 2, () =>
        objectText(random, [
          ["type", '"text"'],
          ["text", text()],
        ]),
      );
    return objectText(random, [
      ["role", this.#oneText(["user", "assistant", "assistant", "tool", "system", "developer"])],
      ["name", this.#rarely(4, () => this.#word())],
      ["recipient", this.#rarely(3, () => this.#oneText(RECIPIENTS))],
      ["channel", this.#rarely(2, () => this.#oneText(CHANNELS))],
      ["content_type", this.#rarely(4, () => this.#oneText(CONTENT_TYPES))],
      ["content", random(8) === 0 ? list() : text()],
    ]);
  }

  /** The arguments of a call: JSON within a text. */
  #arguments(): string {
    return stringText(
      this.#random,
      this.#objectOf(() => this.#value(1)),
    );
  }
}
