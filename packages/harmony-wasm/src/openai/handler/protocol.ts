/**
 * What the handler needs to know of a protocol. Chat Completions and Responses
 * are the two; routes, limits, errors and streams are the same for both.
 */

import type { MessageConstraint } from "../constraints/message-constraint.js";
import type {
  AnswerOptions,
  CompletionSource,
  Prompt,
  PromptOptions,
  StreamOptions,
  TokenChunk,
} from "../types.js";
import type { Client, OwnTurn } from "./client.js";

/** One protocol. `P` is what its prompt is. */
export interface Protocol<P extends Prompt = Prompt> {
  /** The prefix of its answers' ids. */
  idPrefix: string;
  /** Reads a request's body, with whatever it names. */
  prompt(body: string, options: PromptOptions, sender: Sender): P | Promise<P>;
  /** What the backend must hold the completion to. */
  constraint?(prompt: P): MessageConstraint | undefined;
  /** Whether the request asks for a stream. */
  streams(prompt: P): boolean;
  /** The whole answer, as it is sent. */
  answer(prompt: P, completion: Uint32Array, context: AnswerContext): Promise<object>;
  /** The events of a stream, each as the text that is sent. */
  events(prompt: P, source: CompletionSource, context: StreamContext): AsyncIterable<string>;
  /** The last text of a stream whose events threw. */
  failed(failure: { code: string; message: string }): string;
}

/** Who sent a request, and what it may name. */
export interface Sender {
  client: Client;
  /** Bytes of a conversation that is put together of stored responses. */
  mostBytes: number;
}

/** What an answer can ask of the server. */
export interface AnswerContext {
  client: Client;
  /** The options of the function that makes the answer. */
  options: AnswerOptions;
  /** The ids sampled so far. */
  sampled(): Uint32Array;
  /** What the backend says of them besides. */
  measured(): Pick<TokenChunk, "logprobs" | "cachedTokens">;
  /**
   * Remembers the turn: to be called before the client learns that it is over,
   * because its next request may name it. Gives whether that succeeded.
   */
  remember(turn: RememberedTurn): Promise<boolean>;
}

/** What a stream can ask of the server. */
export interface StreamContext extends AnswerContext {
  options: StreamOptions;
  /** Notes an error of the backend, and gives its message for the client. */
  failure(error: unknown): { code: string; message: string };
}

/** What a protocol knows of a turn that is remembered. */
export interface RememberedTurn extends Pick<OwnTurn, "response" | "input" | "previous"> {
  /** Whether the client asked to store it; otherwise it is kept as long as there is room. */
  isKept: boolean;
}
