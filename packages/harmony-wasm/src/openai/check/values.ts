/** What an option can be: the checks that tables of options are made of. */

import { checkedFlag, checkedText, described } from "../../check/arguments.js";
import type { OptionCheck } from "./options.js";

/** A string. */
export const text: OptionCheck = (name, value) => {
  checkedText(name, value);
};

/** True or false. */
export const flag: OptionCheck = (name, value) => {
  checkedFlag(name, value, false);
};

/** A number that is at least `least`; infinity is one. */
export function atLeast(least: number): OptionCheck {
  return (name, value) => {
    const expected = `"${name}" expected ${least} or more, got ${described(value)}`;
    if (typeof value !== "number") throw new TypeError(expected);
    if (!(value >= least)) throw new RangeError(expected);
  };
}

/** The most that a timer counts: with more, `setTimeout` fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The milliseconds of a timer. */
export const timerMs: OptionCheck = (name, value) => {
  const range = `1 to ${LONGEST_TIMER_MS} milliseconds (24.8 days)`;
  const expected = `"${name}" expected ${range}, got ${described(value)}`;
  if (typeof value !== "number") throw new TypeError(expected);
  if (!(value >= 1 && value <= LONGEST_TIMER_MS)) throw new RangeError(expected);
};

/** One of these texts. */
export function oneOf(...texts: readonly string[]): OptionCheck {
  return (name, value) => {
    if (typeof value === "string" && texts.includes(value)) return;
    throw new TypeError(`"${name}" expected ${anyOf(texts)}, got ${described(value)}`);
  };
}

/** A list whose elements are what `check` accepts. */
export function listOf(what: string, check: OptionCheck): OptionCheck {
  return (name, value) => {
    if (!Array.isArray(value)) {
      throw new TypeError(`"${name}" expected an array of ${what}, got ${described(value)}`);
    }
    value.forEach((each: unknown, index) => {
      check(`${name}[${index}]`, each);
    });
  };
}

/** A function. */
export const callable: OptionCheck = (name, value) => {
  if (typeof value === "function") return;
  throw new TypeError(`"${name}" expected a function, got ${described(value)}`);
};

/** An object with these methods; `what` says what has them. */
export function withMethods(what: string, ...methods: readonly string[]): OptionCheck {
  return (name, value) => {
    if (hasMethods(value, methods)) return;
    const got = describedObject(value);
    throw new TypeError(`"${name}" expected ${what} with ${methods.join(", ")}, got ${got}`);
  };
}

/** A `HarmonyEncoding`, by the method that every prompt needs. */
export const encoding: OptionCheck = (name, value) => {
  if (hasMethods(value, ["renderConversationForCompletion"])) return;
  throw new TypeError(`"${name}" expected a HarmonyEncoding, got ${described(value)}`);
};

/** The fields of an object, for an error about one that lacks some. */
export function describedObject(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return described(value);
  const fields = Object.keys(value);
  if (fields.length === 0) return described(value);
  return `an object with ${fields.slice(0, 5).join(", ")}`;
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((method) => typeof Reflect.get(value, method) === "function");
}

function anyOf(texts: readonly string[]): string {
  const quoted = texts.map((each) => JSON.stringify(each));
  return `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
