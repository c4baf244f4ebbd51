/** Shared by the tests of recovery: ids, and events that are compared with the parser's arrays. */

import { readFileSync } from "node:fs";
import {
  type HarmonyEvent,
  loadHarmonyEncodingSync,
  RecoveringParser,
  type Role,
} from "harmony-wasm";
import { expect } from "vitest";

export const encoding = loadHarmonyEncodingSync();

export const fileOf = (path: string) =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

export function tokensOf(parts: readonly (number | string)[]): number[] {
  return parts.flatMap((part) =>
    typeof part === "number" ? [part] : [...encoding.encode(part, { allowedSpecial: "all" })],
  );
}

/** All events of tokens in chunks of `size`; single tokens as numbers. */
export function eventsOf(tokens: readonly number[], size: number, role?: Role): HarmonyEvent[] {
  using parser = new RecoveringParser(encoding, role);
  const events: HarmonyEvent[] = [];
  for (let at = 0; at < tokens.length; at += size) {
    const chunk = tokens.slice(at, at + size);
    events.push(...parser.push(size === 1 ? (chunk[0] ?? -1) : chunk));
  }
  events.push(...parser.end());
  expectToAgree(parser, events);
  return events;
}

/** The parser's arrays equal its events, and the deltas joined are the content. */
function expectToAgree(parser: RecoveringParser, events: readonly HarmonyEvent[]): void {
  const contents: string[] = [];
  for (const event of events) {
    if (event.type === "message-start") contents.push("");
    if (event.type === "content-delta") contents[event.index] += event.delta;
  }
  expect(parser.messages.map(({ message }) => message.content)).toEqual(contents);
  const ends = events.filter((event) => event.type === "message-end");
  expect(parser.messages).toEqual(ends.map(({ type: _, index: __, ...rest }) => rest));
  const strays = events.filter((event) => event.type === "stray");
  expect(parser.strays).toEqual(strays.map(({ type: _, ...rest }) => rest));
}
