/** Checks of arguments for training, like those of check/arguments.ts. */

import { checkedTexts, described, typedArrayName } from "../check/arguments.js";
import type { MessageSpan } from "../spans.js";
import { Role } from "../types.js";

/** An integer of at least `least` that can be the length of an array. */
export function checkedCount(name: string, value: unknown, least: number): number {
  if (typeof value !== "number") {
    throw new TypeError(`"${name}" expected a number, got ${described(value)}`);
  }
  if (!Number.isInteger(value) || value < least || value >= 2 ** 32) {
    const wanted = `an integer from ${least} to 2^32 - 1`;
    throw new RangeError(`"${name}" expected ${wanted}, got ${described(value)}`);
  }
  return value;
}

/** The ids of a render. */
export function checkedRenderedTokens(name: string, tokens: unknown): Uint32Array {
  if (tokens instanceof Uint32Array && typedArrayName.call(tokens) === "Uint32Array") return tokens;
  throw new TypeError(`"${name}" expected a Uint32Array, got ${described(tokens)}`);
}

/** A loss mask for `length` ids. */
export function checkedMask(name: string, mask: unknown, length: number): ArrayLike<number> {
  if (!(mask instanceof Uint8Array) && !Array.isArray(mask)) {
    throw new TypeError(`"${name}" expected a Uint8Array, got ${described(mask)}`);
  }
  if (mask.length !== length) {
    throw new RangeError(`"${name}" expected ${length} values, one per id, got ${mask.length}`);
  }
  const wrong = mask.findIndex((place: unknown) => place !== 0 && place !== 1);
  if (wrong < 0) return mask;
  throw new RangeError(`"${name}[${wrong}]" expected 0 or 1, got ${described(mask[wrong])}`);
}

/** Strings, or undefined, which means all. */
export function checkedNames(name: string, value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    throw new TypeError(`"${name}" expected an array of strings, got ${described(value)}`);
  }
  return checkedTexts(name, value);
}

/** Roles, or undefined. A misspelt role would silently match no message. */
export function checkedRoles(name: string, value: unknown): string[] | undefined {
  const known: string[] = Object.values(Role);
  const roles = checkedNames(name, value);
  roles?.forEach((role, index) => {
    if (known.includes(role)) return;
    throw new TypeError(`"${name}[${index}]" expected one of ${known.join(", ")}, got "${role}"`);
  });
  return roles;
}

/** A key of `table`; `usual` if none is given. */
export function checkedKey<Key extends string>(
  name: string,
  value: unknown,
  table: Readonly<Record<Key, unknown>>,
  usual?: NoInfer<Key>,
): Key {
  const key = value ?? usual;
  if (typeof key === "string" && isKey(key, table)) return key;
  const known = Object.keys(table).join(", ");
  throw new TypeError(`"${name}" expected one of ${known}, got ${described(value)}`);
}

function isKey<Key extends string>(
  name: string,
  table: Readonly<Record<Key, unknown>>,
): name is Key {
  return Object.hasOwn(table, name);
}

/** Spans with ascending positions within `length` ids. */
export function checkedSpans(name: string, spans: unknown, length: number): MessageSpan[] {
  if (!Array.isArray(spans)) {
    throw new TypeError(`"${name}" expected an array of spans, got ${described(spans)}`);
  }
  let end = 0;
  spans.forEach((span: MessageSpan, index) => {
    if (typeof span !== "object" || span === null) {
      throw new TypeError(`"${name}[${index}]" expected a span, got ${described(span)}`);
    }
    const places = [end, span.start, span.content_start, span.content_end, span.end, length];
    if (!places.every((place, at) => Number.isInteger(place) && place >= (places[at - 1] ?? 0))) {
      const among = `ascending positions from ${end} to ${length}`;
      throw new RangeError(`"${name}[${index}]" expected ${among}, got ${places.slice(1, 5)}`);
    }
    end = span.end;
  });
  return spans;
}
