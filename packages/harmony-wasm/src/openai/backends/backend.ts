/**
 * What the handler needs of an engine: token ids in, token ids out. This module
 * defines the contract; each engine's protocol has a module of its own.
 */

import type { TokenInput } from "../../index.js";
import { checkedBy, type OptionChecks } from "../check/options.js";
import { atLeast, text } from "../check/values.js";
import type { MessageConstraint } from "../constraints/message-constraint.js";
import type { TokenChunk } from "../types.js";

/** Samples one completion. Ten lines suffice for a model in the same process. */
export interface Backend {
  /**
   * The sampled ids, in order, each exactly once, the stop token included. The
   * iterable throws when sampling fails, and stops sampling when its reader
   * leaves or the signal is aborted. The handler and `createHarmony` make a
   * {@link BackendError} of an invalid chunk, and of an end without a reason.
   */
  generate(request: GenerateRequest): AsyncIterable<GenerateChunk>;
  /**
   * Whether `generate` holds a completion to the constraint. Absent: it does not;
   * answers that ask for one then carry a warning.
   */
  constrains?(constraint: MessageConstraint): boolean;
}

/** What to sample; an absent field means the engine's default. */
export interface GenerateRequest {
  promptTokens: Uint32Array;
  /** The ids that end the completion. */
  stopTokens: readonly number[];
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  seed?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  /** By id, the number that is added to its logit. */
  logitBias?: Readonly<Record<string, number>> | undefined;
  /** How many alternatives a token's log probability comes with; absent: no log probabilities. */
  logprobs?: number | undefined;
  /** What the last message of the completion must be. */
  constraint?: MessageConstraint | undefined;
  /** Stops sampling. */
  signal: AbortSignal;
}

/**
 * The next ids of a completion. The last chunk says why sampling ended, unless
 * the ids do: with a stop token, or with `maxTokens` of them.
 */
export interface GenerateChunk extends Omit<TokenChunk, "choice"> {
  tokens: TokenInput;
}

/** What else a {@link BackendError} says. */
export interface BackendErrorOptions {
  cause?: unknown;
  status?: number | undefined;
  body?: string | undefined;
  retryAfter?: string | undefined;
}

const ERROR_OPTIONS: OptionChecks<BackendErrorOptions> = {
  cause: () => {},
  status: atLeast(100),
  body: text,
  retryAfter: text,
};

/**
 * An engine that cannot be reached, that answers an error, or that does not keep
 * the contract. `status`, `body` and `retryAfter` are the engine's answer, as far as there was one.
 */
export class BackendError extends Error {
  override readonly name = "BackendError";
  /** The HTTP status. Absent: there was no answer, or it broke off. */
  readonly status: number | undefined;
  /** The beginning of the answer's body. */
  readonly body: string | undefined;
  /** The answer's header `retry-after`: when a busy engine wants the request again. */
  readonly retryAfter: string | undefined;

  constructor(message: string, given?: BackendErrorOptions | null) {
    const options = checkedBy<BackendErrorOptions>("options", given, ERROR_OPTIONS);
    super(message, { cause: options.cause });
    this.status = options.status;
    this.body = options.body;
    this.retryAfter = options.retryAfter;
  }
}
