/** The choices of one answer, read from one source: a chunk says which of them it continues. */

import type { HarmonyEncoding } from "../../index.js";
import type { AnswerOptions, CompletionSource, Prompt } from "../types.js";
import { checkedPart, type SourcePart } from "./completion-input.js";
import { AnswerReader, type PartEvent } from "./reader.js";

/** An event of a part, with the choice that it belongs to. */
export type ChoiceEvent = readonly [choice: number, event: PartEvent];

/** Readers for the choices that a request asks for. */
export function readersFor(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  count: number,
  { finishReason }: Pick<AnswerOptions, "finishReason">,
) {
  return Array.from({ length: count }, () => {
    const reader = new AnswerReader(encoding, prompt);
    reader.finishReason = finishReason;
    return reader;
  });
}

/** The parts of all choices, as their tokens come. The readers are freed in any case. */
export async function* readChoices(
  readers: readonly AnswerReader[],
  source: CompletionSource,
  signal?: AbortSignal,
): AsyncGenerator<ChoiceEvent, void, undefined> {
  try {
    for await (const given of source) {
      signal?.throwIfAborted();
      const part = checkedPart(given);
      const choice = choiceOf(part);
      for (const event of readerOf(readers, choice).push(part)) yield [choice, event];
      if (readers.every(({ isStopped }) => isStopped)) break;
    }
    for (const [choice, reader] of readers.entries()) {
      for (const event of reader.end()) yield [choice, event];
    }
  } finally {
    for (const reader of readers) reader.dispose();
  }
}

function choiceOf(part: SourcePart): number {
  return typeof part === "object" && "tokens" in part ? (part.choice ?? 0) : 0;
}

function readerOf(readers: readonly AnswerReader[], choice: number): AnswerReader {
  const reader = readers[choice];
  if (reader) return reader;
  throw new RangeError(
    `expected a chunk of one of ${readers.length} choices, counted from 0, got choice ${choice}`,
  );
}
