/**
 * The items of a Responses stream as the SDK's parts: a thought is reasoning, a
 * preamble and an answer are texts of their own, a call is its input and the call.
 */

import type { FunctionCallItem, OutputItem, ResponseStreamEvent } from "../openai/index.js";
import { metadataOf } from "./sampled-turns.js";
import type { ContentEvent, ProviderData } from "./specification.js";

/** How items become parts. */
export interface ContentOptions {
  /**
   * A preamble is reasoning. The SDK joins all texts of an answer, and with a
   * preamble before it the JSON of an object would not parse.
   */
  isJson: boolean;
  /** The ids since the last part ended. Absent: parts carry none. */
  taken?: () => { start: number; tokens: readonly number[] };
}

/** Which kind of part an item is, and the id that its events have. */
interface Open {
  kind: "text" | "reasoning" | "tool-input";
  id: string;
}

/** Gives the parts of one stream. */
export class ContentEvents {
  readonly #options: ContentOptions;
  #open: Open | undefined;
  /** Whether a call was handed out. */
  hasCall = false;

  constructor(options: ContentOptions) {
    this.#options = options;
  }

  /** What an event adds. */
  *of(event: ResponseStreamEvent): Generator<ContentEvent> {
    switch (event.type) {
      case "response.output_item.added":
        yield* this.#start(event.item);
        break;
      case "response.reasoning_text.delta":
      case "response.output_text.delta":
      case "response.function_call_arguments.delta":
        if (this.#open) {
          const { kind, id } = this.#open;
          yield { type: `${kind}-delta`, id, delta: event.delta };
        }
        break;
      case "response.output_item.done":
        yield* this.#end(event.item);
    }
  }

  /** The end of a part that the answer breaks off in. A call without its end is not handed out. */
  *brokenOff(): Generator<ContentEvent> {
    if (this.#open) yield { type: `${this.#open.kind}-end`, id: this.#open.id };
    this.#open = undefined;
  }

  *#start(item: OutputItem): Generator<ContentEvent> {
    if (item.type === "function_call") {
      this.#open = { kind: "tool-input", id: item.call_id };
      yield { type: "tool-input-start", id: item.call_id, toolName: nameOf(item) };
    } else if (item.type === "reasoning" || item.type === "message") {
      const isText = item.type === "message" && !(this.#options.isJson && isPreamble(item));
      const kind = isText ? "text" : "reasoning";
      this.#open = { kind, id: item.id };
      yield { type: `${kind}-start`, id: item.id };
    }
  }

  *#end(item: OutputItem): Generator<ContentEvent> {
    if (!this.#open) return;
    const { kind, id } = this.#open;
    if (item.type === "function_call") {
      yield { type: "tool-input-end", id };
      yield* this.#call(item);
    } else if (kind !== "tool-input") {
      yield { type: `${kind}-end`, id, ...this.#metadata(channelOf(item)) };
    }
    this.#open = undefined;
  }

  /** A call that was cut off is handed out only where its arguments are whole. */
  *#call(item: FunctionCallItem): Generator<ContentEvent> {
    if (item.status !== "completed" && !isJson(item.arguments)) return;
    this.hasCall = true;
    yield {
      type: "tool-call",
      toolCallId: item.call_id,
      toolName: nameOf(item),
      input: item.arguments,
      ...this.#metadata("commentary", item.arguments),
    };
  }

  #metadata(channel: string, input?: string): { providerMetadata?: ProviderData } {
    const taken = this.#options.taken?.();
    if (!taken) return {};
    const part = { channel, ...taken, ...(input !== undefined && { input }) };
    return { providerMetadata: metadataOf(part) };
  }
}

function isPreamble(item: OutputItem): boolean {
  return item.type === "message" && item.phase === "commentary";
}

function channelOf(item: OutputItem): string {
  if (item.type === "reasoning") return "analysis";
  return isPreamble(item) ? "commentary" : "final";
}

function nameOf({ name, namespace }: FunctionCallItem): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
