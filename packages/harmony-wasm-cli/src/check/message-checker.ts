/** Checks one message: its ids must parse strictly, and the parsed message must render to them. */

import {
  type HarmonyEncoding,
  HarmonyError,
  loadHarmonyEncodingSync,
  type Message,
  Role,
} from "harmony-wasm";
import { firstDifference } from "./difference.ts";
import { parsedMessages } from "./parsing.ts";

/** A fault of a message, and where it is among its ids. */
export interface Fault {
  check: "parse" | "render";
  position: number;
  message: string;
}

/** `unparsed`: a message whose author upstream's parser does not know. */
export type Verdict = "correct" | "unparsed" | Fault;

const ROLES: ReadonlySet<string> = new Set(Object.values(Role));

/** Checks messages one by one. */
export class MessageChecker {
  readonly #encoding: HarmonyEncoding = loadHarmonyEncodingSync();
  readonly #message = specialId(this.#encoding, "<|message|>");
  readonly #return = specialId(this.#encoding, "<|return|>");

  /** Whether the ids are those of a message. */
  verdict(ids: Uint32Array): Verdict {
    const parsed = this.#parsed(ids);
    if (parsed instanceof HarmonyError) {
      if (this.#hasUnknownAuthor(ids)) return "unparsed";
      return { check: "parse", position: parsed.index ?? 0, message: parsed.message };
    }
    const again = parsed.flatMap((message) => Array.from(this.#encoding.render(message)));
    const at = this.#differenceOf(ids, Uint32Array.from(again));
    if (at === undefined) return "correct";
    const found = `renders to id ${again[at] ?? "none"}, the file has ${ids[at] ?? "none"}`;
    return { check: "render", position: at, message: `the parsed message ${found}` };
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

  /** Whether a whole header begins with a name that is not a role, such as a tool's. */
  #hasUnknownAuthor(message: Uint32Array): boolean {
    if (!message.includes(this.#message)) return false;
    const end = message.findIndex((id, at) => at > 0 && this.#encoding.isSpecialToken(id));
    const header = this.#decoded(message.subarray(1, end));
    return header !== undefined && !ROLES.has(header.split(/\s/, 1)[0] ?? "");
  }

  /** The text of ids, if all of them are tokens. */
  #decoded(ids: Uint32Array): string | undefined {
    try {
      return this.#encoding.decode(ids);
    } catch (error) {
      if (error instanceof HarmonyError && error.code === "invalid_token") return undefined;
      throw error;
    }
  }
}

/** The id of a special token. */
export function specialId(encoding: HarmonyEncoding, text: string): number {
  const id = encoding.specialTokens.get(text);
  if (id === undefined) throw new Error(`the vocabulary has no ${text}`);
  return id;
}
