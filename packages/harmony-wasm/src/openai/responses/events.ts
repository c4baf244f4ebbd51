/** A completion as the Responses API's events. */

import type { HarmonyEncoding } from "../../index.js";
import { readChoices, readersFor } from "../answer/choices.js";
import { checkedSource } from "../answer/completion-input.js";
import { checkAnswered, EVENT_OPTIONS } from "../answer/options.js";
import { checkedBy } from "../check/options.js";
import type { CompletionSource, EventOptions, Prompt } from "../types.js";
import type { ResponseStreamEvent } from "../wire/responses.js";
import { ResponseBuilder } from "./builder.js";
import type { UnnumberedEvent } from "./output-items.js";

/**
 * The events of an answer, numbered from 0, each as soon as its tokens are
 * there. An item opens when recovery has decided what it is, and is never taken
 * back.
 *
 * @throws What the source throws, unless `options.failure` makes it `response.failed`.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 * import { promptFromResponses, responseEvents } from "harmony-wasm/openai";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const prompt = promptFromResponses(encoding, { input: "2 + 2?" });
 * const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", { allowedSpecial: "all" });
 * const types: string[] = [];
 * for await (const event of responseEvents(encoding, prompt, [sampled])) types.push(event.type);
 * types.at(-1); // => "response.completed"
 * ```
 */
export function responseEvents(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: CompletionSource,
  options?: EventOptions | null,
): AsyncGenerator<ResponseStreamEvent, void, undefined> {
  checkAnswered(encoding, prompt);
  const given = checkedBy<EventOptions>("options", options, EVENT_OPTIONS);
  return eventsOf(encoding, prompt, checkedSource(source), given);
}

async function* eventsOf(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: CompletionSource,
  options: EventOptions,
): AsyncGenerator<ResponseStreamEvent, void, undefined> {
  const readers = readersFor(encoding, prompt, 1, options);
  const [reader] = readers;
  if (!reader) return;
  const builder = new ResponseBuilder(encoding, prompt, options);
  let sequence_number = 0;
  const numbered = (event: UnnumberedEvent) => ({ ...event, sequence_number: sequence_number++ });
  yield numbered({ type: "response.created", response: builder.snapshot("in_progress") });
  yield numbered({ type: "response.in_progress", response: builder.snapshot("in_progress") });
  try {
    for await (const [, part] of readChoices(readers, source, options.signal)) {
      for (const event of builder.add(part)) yield numbered(event);
    }
  } catch (error) {
    if (!options.failure) throw error;
    for (const part of reader.breakOff()) {
      for (const event of builder.add(part)) yield numbered(event);
    }
    const response = builder.failed(options.failure(error).message, reader.ending);
    yield numbered({ type: "response.failed", response });
    return;
  }
  const response = builder.finished(reader.ending);
  const isCut = response.status === "incomplete";
  yield numbered({ type: isCut ? "response.incomplete" : "response.completed", response });
}
