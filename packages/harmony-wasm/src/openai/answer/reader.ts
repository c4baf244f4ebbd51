/**
 * Splits a completion into the parts of an answer: thoughts, texts and calls. Both protocols
 * use it, for whole answers and for streams. A part opens once recovery has decided its channel
 * and recipient, so nothing that was emitted has to be retracted.
 */

import {
  type HarmonyEncoding,
  type HarmonyEvent,
  RecoveringParser,
  type Repair,
} from "../../index.js";
import { isCutHeader } from "../conversation/cut-header.js";
import { recipientsOf, ToolNames } from "../conversation/names.js";
import type { Prompt, TokenChunk, TokenLogprob, Tool } from "../types.js";
import { DeltaLogprobs } from "./logprobs.js";
import { StopText } from "./stop-text.js";

/** A call, named as in the request. */
export interface CallPart {
  kind: "call";
  type: "function" | "custom";
  name: string;
  namespace?: string;
  /** The namespace of a tool that the models were trained with, if the request offers that. */
  builtin?: "browser" | "python";
}

/** The kinds of parts. */
export type Part =
  | { kind: "thought" }
  | { kind: "text"; phase: "commentary" | "final_answer" }
  | CallPart;

/** The events of parts, in order. One part is open at a time. */
export type PartEvent =
  | { type: "start"; part: Part }
  | { type: "delta"; part: Part; delta: string; logprobs?: TokenLogprob[] }
  | { type: "end"; part: Part; text: string; isWhole: boolean };

/** How the completion ended, once it has. */
export interface Ending {
  finishReason: "stop" | "length";
  tokens: number;
  reasoningTokens: number;
  /** Tokens of the prompt that the backend had in its cache, if it says so. */
  cachedTokens?: number;
  repairs: Repair[];
  /** Whether a call is among the parts. */
  hasCall: boolean;
}

/** Reads one completion. */
export class AnswerReader {
  readonly #encoding: HarmonyEncoding;
  readonly #prompt: Prompt;
  readonly #names: ToolNames;
  readonly #parser: RecoveringParser;
  readonly #repairs: Repair[] = [];
  #logprobs: DeltaLogprobs | undefined;
  #cachedTokens: number | undefined;
  #part: Part | undefined;
  #text = "";
  #stop: StopText | undefined;
  #calls = 0;
  #tokens = 0;
  #reasoningTokens = 0;
  #hasTerminator = false;
  #finishReason: "stop" | "length" | undefined;
  #isStopped = false;

  constructor(encoding: HarmonyEncoding, prompt: Prompt) {
    this.#encoding = encoding;
    this.#prompt = prompt;
    this.#names = new ToolNames(prompt.tools);
    const tools = recipientsOf(prompt.tools.values());
    this.#parser = new RecoveringParser(encoding, "assistant", { tools });
  }

  /** Reads a whole completion, and frees the parser. */
  readAll(completion: TokenChunk["tokens"] | TokenChunk): PartEvent[] {
    try {
      return [...this.push(completion), ...this.end()];
    } finally {
      this.dispose();
    }
  }

  /** Frees the parser. */
  dispose(): void {
    this.#parser.dispose();
  }

  /** Whether a stop text ended the completion. Later tokens are ignored. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Why sampling ended, if the caller knows. */
  set finishReason(reason: "stop" | "length" | undefined) {
    this.#finishReason = reason;
  }

  /** How it ended. */
  get ending(): Ending {
    return {
      finishReason: this.#finishReason ?? (this.#hasTerminator ? "stop" : "length"),
      tokens: this.#tokens,
      reasoningTokens: this.#reasoningTokens,
      repairs: this.#repairs,
      hasCall: this.#calls > 0,
      ...(this.#cachedTokens !== undefined && { cachedTokens: this.#cachedTokens }),
    };
  }

  *push(chunk: number | TokenChunk["tokens"] | TokenChunk): Generator<PartEvent> {
    const { tokens, finishReason, logprobs, cachedTokens }: TokenChunk = isChunk(chunk)
      ? chunk
      : { tokens: chunk };
    if (finishReason !== undefined) this.#finishReason ??= finishReason;
    this.#cachedTokens = cachedTokens ?? this.#cachedTokens;
    const ids = typeof tokens === "number" ? [tokens] : Array.from(tokens);
    this.#tokens += ids.length;
    const isLogged = this.#prompt.sampling.logprobs !== undefined && logprobs !== undefined;
    if (isLogged && logprobs.length === ids.length) yield* this.#pushLogged(ids, logprobs);
    else for (const event of this.#parser.push(ids)) yield* this.#events(event);
  }

  /** One token at a time, so that a delta is known to end with it. */
  *#pushLogged(ids: readonly number[], logprobs: readonly TokenLogprob[]): Generator<PartEvent> {
    this.#logprobs ??= new DeltaLogprobs(this.#encoding);
    for (const [at, entry] of logprobs.entries()) {
      const token = ids[at] ?? entry.token;
      this.#logprobs.sampled({ ...entry, token });
      const events = this.#parser.push(token);
      for (const event of events) yield* this.#events(event);
      if (events.length > 0) this.#logprobs.settle();
    }
  }

  *end(): Generator<PartEvent> {
    const events = this.#parser.end();
    const last = events.at(-1);
    const mayBeCut = !this.#isStopped && this.#finishReason !== "stop";
    const isCut = mayBeCut && last?.type === "message-end" && isCutHeader(last);
    // A cut header has a start and an end, and nothing between them.
    for (const event of isCut ? events.slice(0, -2) : events) yield* this.#events(event);
    if (!isCut) return;
    this.#repairs.push(...last.repairs);
    this.#hasTerminator = false;
  }

  /** Ends the open part where the source failed; events that were emitted for it stay. */
  *breakOff(): Generator<PartEvent> {
    this.#hasTerminator = false;
    yield* this.#end();
  }

  *#events(event: HarmonyEvent): Generator<PartEvent> {
    if (this.#isStopped || event.type === "stray") return;
    if (event.type === "message-start") yield* this.#start(this.#partOf(event));
    else if (event.type === "content-delta") yield* this.#delta(event.delta);
    else {
      this.#repairs.push(...event.repairs);
      this.#hasTerminator = event.terminator !== undefined;
      yield* this.#end();
    }
  }

  #partOf(event: HarmonyEvent & { type: "message-start" }): Part | undefined {
    const { role, channel, recipient } = event;
    // The model made up a message of another role: it is not for the user.
    if (role !== "assistant") return { kind: "thought" };
    if (recipient !== undefined && recipient !== "assistant" && recipient !== "all") {
      this.#calls += 1;
      return this.#calls > 1 && !this.#prompt.parallelToolCalls
        ? undefined
        : this.#callOf(recipient);
    }
    if (channel === "analysis") return { kind: "thought" };
    return { kind: "text", phase: channel === "commentary" ? "commentary" : "final_answer" };
  }

  #callOf(recipient: string): CallPart {
    const tool = this.#names.toolOf(recipient) ?? this.#builtinOf(recipient);
    if (!tool) return { kind: "call", type: "function", name: this.#names.nameOf(recipient) };
    const { name, namespace, type } = tool;
    const isBuiltin = type === "browser" || type === "python";
    return {
      kind: "call",
      type: type === "custom" ? "custom" : "function",
      name: isBuiltin ? recipient : name,
      ...(namespace !== undefined && { namespace }),
      ...(isBuiltin && { builtin: type }),
    };
  }

  #builtinOf(recipient: string): Tool | undefined {
    const tool = this.#prompt.tools.get(recipient.split(".")[0] ?? "");
    return tool?.type === "browser" || tool?.type === "python" ? tool : undefined;
  }

  *#start(part: Part | undefined): Generator<PartEvent> {
    this.#part = part;
    this.#text = "";
    this.#logprobs?.start();
    const stops = this.#prompt.sampling.stop;
    const isFinal = part?.kind === "text" && part.phase === "final_answer";
    this.#stop = isFinal && stops ? new StopText(stops) : undefined;
    if (part) yield { type: "start", part };
  }

  *#delta(given: string): Generator<PartEvent> {
    this.#logprobs?.add(given);
    if (!this.#part) return;
    yield* this.#said(this.#stop ? this.#stop.push(given) : given);
    if (!this.#stop?.isStopped) return;
    this.#finishReason = "stop";
    this.#hasTerminator = true;
    yield* this.#end();
    this.#isStopped = true;
  }

  *#said(delta: string): Generator<PartEvent> {
    if (!this.#part || delta === "") return;
    this.#text += delta;
    const logprobs = this.#part.kind === "text" ? this.#logprobs?.take(delta) : undefined;
    yield { type: "delta", part: this.#part, delta, ...(logprobs && { logprobs }) };
  }

  *#end(): Generator<PartEvent> {
    const part = this.#part;
    if (!part) return;
    if (this.#stop) yield* this.#said(this.#stop.end());
    // A call without content has no arguments: {} in JSON.
    if (
      part.kind === "call" &&
      part.type === "function" &&
      part.builtin !== "python" &&
      this.#text === "" &&
      this.#hasTerminator
    ) {
      yield* this.#said("{}");
    }
    if (part.kind === "thought") this.#reasoningTokens += this.#encoding.countTokens(this.#text);
    this.#part = undefined;
    yield { type: "end", part, text: this.#text, isWhole: this.#isWhole() };
  }

  #isWhole(): boolean {
    return this.#hasTerminator || this.#finishReason === "stop";
  }
}

function isChunk(chunk: number | TokenChunk["tokens"] | TokenChunk): chunk is TokenChunk {
  return typeof chunk === "object" && "tokens" in chunk;
}
