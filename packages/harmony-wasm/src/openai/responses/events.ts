/** A completion as the Responses API's events. */

import type { HarmonyEncoding } from "../../index.js";
import { readChoices, readersFor } from "../answer/choices.js";
import { randomId } from "../answer/ids.js";
import { writtenLogprobs } from "../answer/logprobs.js";
import type { CallPart, Ending, Part, PartEvent } from "../answer/reader.js";
import { isFields, isPresent } from "../json/fields.js";
import type {
  AnswerOptions,
  Prompt,
  ResponseExtras,
  StreamOptions,
  TokenSource,
} from "../types.js";
import type {
  ContentPart,
  OutputItem,
  OutputLogprob,
  ResponseObject,
  ResponseStreamEvent,
} from "./types.js";

/** An event before it is numbered. */
type Unnumbered<E> = E extends ResponseStreamEvent ? Omit<E, "sequence_number"> : never;
type Event = Unnumbered<ResponseStreamEvent>;

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
export async function* responseEvents(
  encoding: HarmonyEncoding,
  prompt: Prompt,
  source: TokenSource,
  options: StreamOptions & ResponseExtras = {},
): AsyncGenerator<ResponseStreamEvent, void, undefined> {
  const readers = readersFor(encoding, prompt, 1);
  const [reader] = readers;
  if (!reader) return;
  const builder = new ResponseBuilder(encoding, prompt, options);
  let sequence_number = 0;
  const numbered = (event: Event) => ({ ...event, sequence_number: sequence_number++ });
  yield numbered({ type: "response.created", response: builder.snapshot("in_progress") });
  yield numbered({ type: "response.in_progress", response: builder.snapshot("in_progress") });
  try {
    for await (const [, part] of readChoices(readers, source, options.signal)) {
      for (const event of builder.add(part)) yield numbered(event);
    }
  } catch (error) {
    if (!options.failure) throw error;
    const response = builder.failed(options.failure(error).message, reader.ending);
    yield numbered({ type: "response.failed", response });
    return;
  }
  if (options.finishReason !== undefined) reader.finishReason = options.finishReason;
  const response = builder.finished(reader.ending);
  const isCut = response.status === "incomplete";
  yield numbered({ type: isCut ? "response.incomplete" : "response.completed", response });
}

/** Builds the items and the response, and the events that say so. */
export class ResponseBuilder {
  readonly #encoding: HarmonyEncoding;
  readonly #prompt: Prompt;
  readonly #options: AnswerOptions & ResponseExtras;
  readonly #newId: NonNullable<AnswerOptions["newId"]>;
  readonly #id: string;
  readonly #created: number;
  readonly #output: OutputItem[] = [];
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
  *add(event: PartEvent): Generator<Event> {
    const { part } = event;
    if (event.type === "start") yield* this.#start(part);
    else if (event.type === "delta") {
      const { logprobs: top } = this.#prompt.sampling;
      const logprobs = writtenLogprobs(this.#encoding, event.logprobs ?? [], top ?? 0);
      this.#logprobs.push(...logprobs);
      yield this.#delta(part, event.delta, logprobs);
    } else yield* this.#end(part, event.text, event.isWhole);
  }

  *#start(part: Part): Generator<Event> {
    const item = newItem(part, this.#newId);
    this.#logprobs = [];
    this.#output.push(item);
    const output_index = this.#output.length - 1;
    yield { type: "response.output_item.added", output_index, item };
    const content = contentPart(part, "", []);
    if (content)
      yield {
        type: "response.content_part.added",
        ...this.#place(),
        content_index: 0,
        part: content,
      };
  }

  #delta(part: Part, delta: string, logprobs: OutputLogprob[]): Event {
    const place = this.#place();
    if (part.kind === "call") {
      return part.type === "custom"
        ? { type: "response.custom_tool_call_input.delta", ...place, delta }
        : { type: "response.function_call_arguments.delta", ...place, delta };
    }
    const at = { ...place, content_index: 0 };
    return part.kind === "thought"
      ? { type: "response.reasoning_text.delta", ...at, delta }
      : { type: "response.output_text.delta", ...at, delta, logprobs };
  }

  *#end(part: Part, text: string, isWhole: boolean): Generator<Event> {
    const place = this.#place();
    const open = this.#output[place.output_index];
    if (!open) return;
    if (part.kind === "call") yield callDone(part, text, place);
    else {
      const at = { ...place, content_index: 0 };
      const content = contentPart(part, text, this.#logprobs);
      yield part.kind === "thought"
        ? { type: "response.reasoning_text.done", ...at, text }
        : { type: "response.output_text.done", ...at, text, logprobs: this.#logprobs };
      if (content) yield { type: "response.content_part.done", ...at, part: content };
    }
    const status = isWhole ? "completed" : "incomplete";
    const item = finishedItem(open, text, status, {
      logprobs: this.#logprobs,
      encrypted: this.#encrypted(part, text),
    });
    this.#output[place.output_index] = item;
    yield { type: "response.output_item.done", output_index: place.output_index, item };
  }

  #encrypted(part: Part, text: string): string | undefined {
    return part.kind === "thought" ? this.#options.encrypt?.(text) : undefined;
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
      model: this.#options.model ?? String(this.#prompt.request.body.model ?? ""),
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

function newItem(part: Part, newId: NonNullable<AnswerOptions["newId"]>): OutputItem {
  const status = "in_progress" as const;
  if (part.kind === "thought") {
    return { id: newId("rs_"), type: "reasoning", summary: [], content: [], status };
  }
  if (part.kind === "text") {
    const { phase } = part;
    return { id: newId("msg_"), type: "message", role: "assistant", status, phase, content: [] };
  }
  const { name, namespace } = part;
  const call = {
    call_id: newId("call_"),
    name,
    ...(namespace !== undefined && { namespace }),
    status,
  };
  return part.type === "custom"
    ? { id: newId("ctc_"), type: "custom_tool_call", ...call, input: "" }
    : { id: newId("fc_"), type: "function_call", ...call, arguments: "" };
}

function finishedItem(
  item: OutputItem,
  text: string,
  status: OutputItem["status"],
  { logprobs, encrypted }: { logprobs: OutputLogprob[]; encrypted: string | undefined },
): OutputItem {
  if (item.type === "function_call") return { ...item, arguments: text, status };
  if (item.type === "custom_tool_call") return { ...item, input: text, status };
  if (item.type === "message") return { ...item, content: [outputText(text, logprobs)], status };
  const content = [{ type: "reasoning_text" as const, text }];
  return {
    ...item,
    content,
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
    status,
  };
}

function callDone(
  { type, name }: CallPart,
  text: string,
  place: { item_id: string; output_index: number },
): Event {
  return type === "custom"
    ? { type: "response.custom_tool_call_input.done", ...place, input: text }
    : { type: "response.function_call_arguments.done", ...place, name, arguments: text };
}

function contentPart(part: Part, text: string, logprobs: OutputLogprob[]): ContentPart | undefined {
  if (part.kind === "call") return undefined;
  return part.kind === "thought" ? { type: "reasoning_text", text } : outputText(text, logprobs);
}

function outputText(text: string, logprobs: OutputLogprob[]) {
  return { type: "output_text" as const, text, annotations: [] as [], logprobs };
}

function textsOf(item: OutputItem): string[] {
  return item.type === "message" ? item.content.map(({ text }) => text) : [];
}

/** The fields that repeat the request, with the API's defaults. */
function echoOf({ request, parallelToolCalls }: Prompt) {
  const { body } = request;
  const { text, reasoning } = body;
  return {
    instructions: body.instructions ?? null,
    metadata: body.metadata ?? null,
    parallel_tool_calls: parallelToolCalls,
    temperature: body.temperature ?? null,
    top_p: body.top_p ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    text: isFields(text) ? text : { format: { type: "text" } },
    reasoning: isPresent(reasoning) ? reasoning : { effort: null, summary: null },
    store: body.store ?? true,
    truncation: body.truncation ?? "disabled",
    user: body.user,
  };
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
