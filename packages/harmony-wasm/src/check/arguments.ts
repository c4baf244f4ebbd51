/**
 * Checks of arguments. Each returns the typed value, or throws an error that
 * names the parameter and the value that arrived.
 */

import { Role, type TokenInput } from "../types.js";

const MAX_TOKEN = 2 ** 32 - 1;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A short description of a value for an error message. */
export function described(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shortened(value));
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  return `an object (${Object.prototype.toString.call(value).slice(8, -1)})`;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** The position of the first lone surrogate of `text`, or -1. */
export function loneSurrogateAt(text: string): number {
  return text.isWellFormed() ? -1 : text.search(LONE_SURROGATE);
}

/** The fault of a text that has a lone surrogate, and its cure. */
export function loneSurrogate(at: number): string {
  return `has a lone surrogate at position ${at}; toWellFormed() replaces it`;
}

/** A string without lone surrogates, which have no UTF-8 and so no tokens. */
export function checkedText(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`"${name}" expected a string, got ${described(value)}`);
  }
  const at = loneSurrogateAt(value);
  if (at >= 0) {
    throw new TypeError(`"${name}" ${loneSurrogate(at)}`);
  }
  return value;
}

/** Strings without lone surrogates. `map` would skip holes, and glue that reads one traps. */
export function checkedTexts(name: string, values: Iterable<unknown>): string[] {
  return Array.from(values, (value, index) => checkedText(`${name}[${index}]`, value));
}

/** A role's name. Upstream decides whether the role exists. */
export function checkedRole(name: string, value: unknown): string {
  if (typeof value === "string") return checkedText(name, value);
  const roles = Object.values(Role).join(", ");
  throw new TypeError(`"${name}" expected one of ${roles}, got ${described(value)}`);
}

/** A role's name, or undefined for undefined and null: Python's `None`. */
export function checkedOptionalRole(name: string, value: Role | null | undefined) {
  return value === undefined || value === null ? undefined : checkedRole(name, value);
}

/**
 * An options object, or an empty one for undefined and null. Unknown options are
 * refused, because a misspelt one would be ignored silently.
 */
export function checkedOptions<T extends object>(
  name: string,
  value: Partial<T> | null | undefined,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (value === undefined || value === null) return {};
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    const got = `expected an object, got ${described(value)}`;
    throw new TypeError(`"${name}" ${got}; its options are ${known.join(", ")}`);
  }
  const unknown = Object.keys(value).find((key) => !known.some((option) => option === key));
  if (unknown !== undefined) {
    throw new TypeError(`"${name}" has no option "${unknown}", only ${known.join(", ")}`);
  }
  return value;
}

/** A boolean, or `fallback` for undefined and null. */
export function checkedFlag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== "boolean") {
    throw new TypeError(`"${name}" expected a boolean, got ${described(value)}`);
  }
  return value;
}

/** The texts of special tokens, or undefined for `"all"`. */
export function checkedSpecials(
  name: string,
  value: "all" | Iterable<string>,
): string[] | undefined {
  if (value === "all") return undefined;
  if (typeof value === "string" || !isIterable(value)) {
    throw new TypeError(
      `"${name}" expected "all" or an iterable of strings, got ${described(value)}`,
    );
  }
  return checkedTexts(name, value);
}

/** One token id. */
export function checkedToken(name: string, value: unknown): number {
  if (typeof value !== "number") {
    throw new TypeError(`"${name}" expected a number, got ${described(value)}`);
  }
  if (!Number.isInteger(value) || value < 0 || value > MAX_TOKEN) {
    throw new RangeError(
      `"${name}" expected an integer from 0 to 2^32 - 1, got ${described(value)}`,
    );
  }
  return value;
}

/** The names of tools, none for undefined and null. */
export function checkedTools(name: string, value: readonly string[] | null | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    throw new TypeError(`"${name}" expected an array of tool names, got ${described(value)}`);
  }
  return checkedTexts(name, value);
}

/** Token ids. `new Uint32Array([NaN, -1, 1.5])` would silently change them. */
export function checkedTokens(name: string, value: TokenInput): Uint32Array {
  if (typeof value === "object" && typedArrayName.call(value) === "Uint32Array") {
    return copied(name, value);
  }
  refuseBytes(name, value);
  if (typeof value === "string" || !isIterable(value)) {
    throw new TypeError(`"${name}" expected token ids, got ${described(value)}`);
  }
  const tokens = Array.isArray(value) ? value : listed(name, value);
  const checked = new Uint32Array(tokens.length);
  for (let index = 0; index < tokens.length; index += 1) {
    const token: unknown = tokens[index];
    if (typeof token !== "number" || token >>> 0 !== token)
      checkedToken(`${name}[${index}]`, token);
    checked[index] = Number(token);
  }
  return checked;
}

/** What to do about bytes that are given as token ids. */
export const BYTES_ADVICE =
  "decode the response first (JSON or server-sent events) and pass the token ids in it";

/** Whether a value is bytes, of this realm or another. */
export function isBytes(value: unknown): boolean {
  return typedArrayName.call(value) === "Uint8Array";
}

/** Refuses bytes: they iterate as small numbers, each of which would be read as an id. */
export function refuseBytes(name: string, value: unknown): void {
  if (!isBytes(value)) return;
  throw new TypeError(`"${name}" expected token ids, got bytes (a Uint8Array); ${BYTES_ADVICE}`);
}

/** Indices of messages, or undefined for undefined and null. */
export function checkedOptionalIndices(
  name: string,
  value: Iterable<number> | null | undefined,
): Uint32Array | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || !isIterable(value)) {
    throw new TypeError(`"${name}" expected indices of messages, got ${described(value)}`);
  }
  return Uint32Array.from(Array.from(value, (index, at) => checkedToken(`${name}[${at}]`, index)));
}

/**
 * The real name of a typed array, or undefined for other values. `instanceof`
 * trusts the prototype, and glue that trusts a false length reads other memory.
 */
export const typedArrayName: (this: unknown) => string | undefined =
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint32Array.prototype), Symbol.toStringTag)
    ?.get ?? (() => undefined);

function copied(name: string, tokens: Iterable<number>): Uint32Array {
  try {
    return new Uint32Array(tokens);
  } catch {
    throw detached(name);
  }
}

/** What an iterator of the caller's own throws passes through. */
function listed(name: string, tokens: Iterable<unknown>): unknown[] {
  try {
    return Array.from(tokens);
  } catch (error) {
    throw typedArrayName.call(tokens) === undefined ? error : detached(name);
  }
}

function detached(name: string): TypeError {
  return new TypeError(`"${name}" expected token ids, got a detached array`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}
