/** The choices of one answer, read from one source: a chunk says which of them it continues. */

import type { HarmonyEncoding, TokenInput } from "../../index.js";
import type { Prompt, TokenChunk, TokenSource } from "../types.js";
import { AnswerReader, type PartEvent } from "./reader.js";

/** An event of a part, with the choice that it belongs to. */
export type ChoiceEvent = readonly [choice: number, event: PartEvent];

/** Readers for the choices that a request asks for. */
export function readersFor(encoding: HarmonyEncoding, prompt: Prompt, count: number) {
  return Array.from({ length: count }, () => new AnswerReader(encoding, prompt));
}

/** The parts of all choices, as their tokens come. The readers are freed in any case. */
export async function* readChoices(
  readers: readonly AnswerReader[],
  source: TokenSource,
  signal?: AbortSignal,
): AsyncGenerator<ChoiceEvent, void, undefined> {
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      const choice = choiceOf(chunk);
      for (const event of readerOf(readers, choice).push(chunk)) yield [choice, event];
      if (readers.every(({ isStopped }) => isStopped)) break;
    }
    for (const [choice, reader] of readers.entries()) {
      for (const event of reader.end()) yield [choice, event];
    }
  } finally {
    for (const reader of readers) reader.dispose();
  }
}

/** Whole completions, one for each choice. */
export function completionsOf(
  completion: TokenInput | TokenChunk | readonly TokenChunk[],
): (TokenChunk | { tokens: TokenInput })[] {
  if ("tokens" in completion) return [completion];
  if (completion instanceof Uint32Array) return [{ tokens: completion }];
  const items: (number | TokenChunk)[] = Array.from<number | TokenChunk>(completion);
  const isNumber = (item: number | TokenChunk) => typeof item === "number";
  const chunks = items.filter((item): item is TokenChunk => !isNumber(item));
  if (chunks.length > 0) return chunks;
  return [{ tokens: items.filter(isNumber) }];
}

function choiceOf(chunk: number | TokenInput | TokenChunk): number {
  return typeof chunk === "object" && "tokens" in chunk ? (chunk.choice ?? 0) : 0;
}

function readerOf(readers: readonly AnswerReader[], choice: number): AnswerReader {
  const reader = readers[choice];
  if (reader) return reader;
  throw new RangeError(
    `expected a chunk of one of ${readers.length} choices, counted from 0, got choice ${choice}`,
  );
}
