/**
 * Finds values in JSON text. Objects of JavaScript lose parts of it that are rendered (`1.0`, large
 * integers, the order of keys like "10"), so such values are copied from the text as they were
 * written. The text must be valid JSON: it has been parsed before.
 */

import { RequestError } from "../errors.js";

const MOST_LEVELS = 200;
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /[^,\]}\s]+/y;

/** A value in a text: half-open positions. */
export interface Place {
  start: number;
  end: number;
}

/** The value that begins at or after `at`, which may be white space. */
export function valueAt(text: string, at: number): Place {
  const start = afterSpace(text, at);
  const first = text[start];
  if (first === '"') return { start, end: endOfString(text, start) };
  if (first === "{" || first === "[") return { start, end: endOfContainer(text, start) };
  return { start, end: matchedFrom(SCALAR, text, start) };
}

/** Where the value of a whole text begins; where it ends is found only by reading all of it. */
export function startOf(text: string): Pick<Place, "start"> {
  return { start: afterSpace(text, 0) };
}

/** The last member of an object with this name, as `JSON.parse` has it. */
export function memberOf(
  text: string,
  { start }: Pick<Place, "start">,
  name: string,
): Place | undefined {
  let found: Place | undefined;
  for (const [key, place] of membersOf(text, start)) {
    if (JSON.parse(text.slice(key.start, key.end)) === name) found = place;
  }
  return found;
}

/** The elements of an array; any other value has none. */
export function elementsOf(text: string, { start }: Pick<Place, "start">): Place[] {
  if (text[start] !== "[") return [];
  const elements: Place[] = [];
  let at = afterSpace(text, start + 1);
  while (text[at] !== "]") {
    const element = valueAt(text, at);
    elements.push(element);
    at = afterSeparator(text, element.end);
  }
  return elements;
}

/** The members of the object at `start`: key and value. Any other value has none. */
export function* membersOf(text: string, start: number): Generator<[key: Place, value: Place]> {
  if (text[start] !== "{") return;
  let at = afterSpace(text, start + 1);
  while (text[at] !== "}") {
    const key = { start: at, end: endOfString(text, at) };
    const value = valueAt(text, afterSpace(text, key.end) + 1);
    yield [key, value];
    at = afterSeparator(text, value.end);
  }
}

/**
 * A value as Python's `json.dumps(value, ensure_ascii=False)` spaces it, and as
 * the `tojson` of chat templates does; numbers and the order of keys stay.
 */
export function spacedAsPython(text: string, { start, end }: Place, level = 0): string {
  checkLevel(level);
  const first = text[start];
  if (first === "[") {
    return `[${elementsOf(text, { start })
      .map((element) => spacedAsPython(text, element, level + 1))
      .join(", ")}]`;
  }
  if (first === "{") {
    const members = Array.from(
      membersOf(text, start),
      ([key, value]) => `${plainString(text, key)}: ${spacedAsPython(text, value, level + 1)}`,
    );
    return `{${members.join(", ")}}`;
  }
  return first === '"' ? plainString(text, { start, end }) : text.slice(start, end);
}

/** Refuses text that recursion would not survive; upstream reads no more than 128 levels. */
export function checkLevel(level: number): void {
  if (level <= MOST_LEVELS) return;
  throw new RequestError("too_deep", `expected JSON of at most ${MOST_LEVELS} levels`);
}

/** The same for a whole text, before anything walks through its values. */
export function checkLevels(text: string): void {
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '"') at = endOfString(text, at) - 1;
    else if (unit === "{" || unit === "[") checkLevel(++level);
    else if (unit === "}" || unit === "]") level -= 1;
  }
}

/** A string with the escapes that it needs and no others. */
function plainString(text: string, { start, end }: Place): string {
  return JSON.stringify(JSON.parse(text.slice(start, end)));
}

function afterSpace(text: string, at: number): number {
  return matchedFrom(SPACE, text, at);
}

function afterSeparator(text: string, at: number): number {
  const next = afterSpace(text, at);
  return text[next] === "," ? afterSpace(text, next + 1) : next;
}

function matchedFrom(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let escapes = 0;
    while (text[quote - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Finds the bracket that closes the one at `start`; no recursion, however deep. */
function endOfContainer(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '"') at = endOfString(text, at) - 1;
    else if (unit === "{" || unit === "[") depth += 1;
    else if ((unit === "}" || unit === "]") && --depth === 0) return at + 1;
  }
  return text.length;
}
