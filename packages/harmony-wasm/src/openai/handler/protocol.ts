/**
 * What the handler needs to know of a protocol. Chat Completions and Responses
 * are the two; routes, limits, errors and streams are the same for both.
 */

import type { Prompt, PromptOptions, StreamOptions, TokenSource } from "../types.js";

/** One protocol. `P` is what its prompt is. */
export interface Protocol<P extends Prompt = Prompt> {
  /** The prefix of its answers' ids. */
  idPrefix: string;
  /** Reads a request's body. */
  prompt(body: string, options: PromptOptions): P;
  /** Whether the request asks for a stream. */
  streams(prompt: P): boolean;
  /** The whole answer, as it is sent. */
  answer(prompt: P, completion: Uint32Array, options: StreamOptions): object | Promise<object>;
  /** The events of a stream, each as the text that is sent. */
  events(prompt: P, source: TokenSource, options: StreamOptions): AsyncIterable<string>;
  /** The last text of a stream whose events threw. */
  failed(failure: { code: string; message: string }): string;
}
