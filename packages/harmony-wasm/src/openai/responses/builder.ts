/** A response while it is written: its items, its state and its usage. */

import type { HarmonyEncoding } from "../../index.js";
import { randomId } from "../answer/ids.js";
import { writtenLogprobs } from "../answer/logprobs.js";
import type { Ending, Part, PartEvent } from "../answer/reader.js";
import type { AnswerOptions, Prompt, ResponseExtras, TokenLogprob } from "../types.js";
import type { OutputItem, OutputLogprob, ResponseObject } from "../wire/responses.js";
import { echoOf } from "./echo.js";
import { type ItemWriter, itemWriter, type UnnumberedEvent } from "./output-items.js";

/** Builds the items and the response, and the events that say so. */
export class ResponseBuilder {
  readonly #encoding: HarmonyEncoding;
  readonly #prompt: Prompt;
  readonly #options: AnswerOptions & ResponseExtras;
  readonly #newId: NonNullable<AnswerOptions["newId"]>;
  readonly #id: string;
  readonly #created: number;
  readonly #output: OutputItem[] = [];
  #writer: ItemWriter | undefined;
  /** Of the open item. */
  #logprobs: OutputLogprob[] = [];

  constructor(encoding: HarmonyEncoding, prompt: Prompt, options: AnswerOptions & ResponseExtras) {
    this.#encoding = encoding;
    this.#prompt = prompt;
    this.#options = options;
    this.#newId = options.newId ?? randomId;
    this.#id = options.id ?? this.#newId("resp_");
    this.#created = options.created ?? Math.floor(Date.now() / 1000);
  }

  /** Adds what happened to a part. */
  *add(event: PartEvent): Generator<UnnumberedEvent> {
    if (event.type === "start") yield* this.#start(event.part);
    else if (event.type === "delta") yield* this.#delta(event.delta, event.logprobs ?? []);
    else yield* this.#end(event.text, event.isWhole);
  }

  *#start(part: Part): Generator<UnnumberedEvent> {
    const writer = itemWriter(part, this.#newId, this.#options.encrypt);
    this.#writer = writer;
    this.#logprobs = [];
    this.#output.push(writer.open);
    const output_index = this.#output.length - 1;
    yield { type: "response.output_item.added", output_index, item: writer.open };
    yield* writer.started(this.#place());
  }

  *#delta(delta: string, entries: readonly TokenLogprob[]): Generator<UnnumberedEvent> {
    const top = this.#prompt.sampling.logprobs ?? 0;
    const logprobs = writtenLogprobs(this.#encoding, entries, top);
    this.#logprobs.push(...logprobs);
    yield* this.#writer?.delta(this.#place(), delta, logprobs) ?? [];
  }

  *#end(text: string, isWhole: boolean): Generator<UnnumberedEvent> {
    const writer = this.#writer;
    if (!writer) return;
    const place = this.#place();
    yield* writer.ended(place, text, this.#logprobs);
    const item = writer.done(text, isWhole ? "completed" : "incomplete", this.#logprobs);
    this.#output[place.output_index] = item;
    yield { type: "response.output_item.done", output_index: place.output_index, item };
  }

  #place() {
    const output_index = this.#output.length - 1;
    return { item_id: this.#output[output_index]?.id ?? "", output_index };
  }

  /** The response as it is now. */
  snapshot(status: ResponseObject["status"]): ResponseObject {
    return {
      id: this.#id,
      object: "response",
      created_at: this.#created,
      status,
      error: null,
      incomplete_details: null,
      model: this.#options.model ?? this.#prompt.request.body.model ?? "",
      output: [...this.#output],
      output_text: this.#output.flatMap(textsOf).join(""),
      ...echoOf(this.#prompt),
      previous_response_id: this.#options.previousResponseId ?? null,
    };
  }

  /** The response at its end. */
  finished(ending: Ending): ResponseObject {
    const isCut = ending.finishReason === "length";
    return {
      ...this.snapshot(isCut ? "incomplete" : "completed"),
      incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
      usage: usageOf(this.#prompt, ending),
      ...(ending.repairs.length > 0 && { harmony: { repairs: ending.repairs } }),
    };
  }

  /** The response after a failure of the source. */
  failed(message: string, ending: Ending): ResponseObject {
    return {
      ...this.snapshot("failed"),
      error: { code: "server_error", message },
      usage: usageOf(this.#prompt, ending),
    };
  }
}

function textsOf(item: OutputItem): string[] {
  return item.type === "message" ? item.content.map(({ text }) => text) : [];
}

function usageOf(prompt: Prompt, { tokens, reasoningTokens, cachedTokens = 0 }: Ending) {
  return {
    input_tokens: prompt.tokens.length,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: tokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: prompt.tokens.length + tokens,
  };
}
