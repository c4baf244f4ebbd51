/**
 * Completions as streams of events: an async iterable (`parseStream`) and a
 * `TransformStream` (`HarmonyEventStream`).
 */

import { checkedOptions, described, refuseBytes } from "../check/arguments.js";
import { HarmonyEncoding } from "../encoding.js";
import type { HarmonyEvent } from "../events.js";
import type { Role, TokenInput } from "../types.js";
import { EventParser } from "./event-parser.js";

/** Options of {@link HarmonyEventStream} and {@link parseStream}. */
export interface EventStreamOptions {
  /** The encoding, if it is not the first argument. Default the one that was loaded last. */
  encoding?: HarmonyEncoding;
  /** The role of the message that the prompt opened; none if the tokens begin with `<|start|>`. */
  role?: Role | null;
  /**
   * True accepts any tokens and lists its guesses in `repairs`. False parses as
   * upstream does, with the same events, and throws if upstream does. Default true.
   */
  recover?: boolean;
  /**
   * The start of the message that the completion continues: the prompt's tokens
   * after the role's header or, without a role, the whole prompt. Default none.
   */
  prefix?: TokenInput;
  /**
   * The names of the tools that the prompt declares, with or without their
   * namespace. They decide which words of a malformed header are a recipient,
   * and where its name ends (`functions.fs_readjson`). Default none.
   */
  tools?: readonly string[];
}

/** Options of {@link parseStream}. */
export interface ParseStreamOptions extends EventStreamOptions {
  /** Aborts the parsing; the loop throws its reason. */
  signal?: AbortSignal;
}

/** The tokens of a completion: ids or arrays of ids, from an iterable or an async iterable. */
export type TokenSource = AsyncIterable<number | TokenInput> | Iterable<number | TokenInput>;

const OPTIONS = ["encoding", "role", "recover", "prefix", "tools"] as const;

/** What a `TransformStream` is made of. */
interface EventTransformer<I, O> {
  transform(chunk: I, controller: { enqueue(chunk: O): void }): void;
  flush(controller: { enqueue(chunk: O): void }): void;
  cancel(): void;
}

/** `typeof TransformStream`, which the types of a project may not have. */
interface TransformConstructor {
  new <I, O>(transformer: EventTransformer<I, O>): TransformStream<I, O>;
}

/**
 * Becomes a subclass of `TransformStream` with its first stream: looking at that
 * class takes Node 3 ms, almost half of importing this package, and a realm
 * without streams loads the rest.
 */
const Transform: TransformConstructor = class DeferredTransform<I, O> {
  declare readonly readable: ReadableStream<O>;
  declare readonly writable: WritableStream<I>;

  constructor(transformer: EventTransformer<I, O>) {
    if (typeof TransformStream !== "function") {
      throw new TypeError("there is no TransformStream here; use parseStream");
    }
    Object.setPrototypeOf(DeferredTransform.prototype, TransformStream.prototype);
    // biome-ignore lint/correctness/noConstructorReturn: a base class is called to make the object
    return Reflect.construct(TransformStream, [transformer], new.target);
  }
};

/**
 * A `TransformStream` from token ids, one by one or in arrays, to events. It
 * applies backpressure, and completes an open message when its writer closes.
 * With `recover: false` it errors if upstream's parser would throw.
 *
 * @example
 * ```ts
 * import { HarmonyEventStream, loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const completion = "<|channel|>final<|message|>Hi there<|return|>";
 * const sampled = new ReadableStream<Uint32Array>({
 *   start(controller) {
 *     controller.enqueue(encoding.encode(completion, { allowedSpecial: "all" }));
 *     controller.close();
 *   },
 * });
 * const events = sampled.pipeThrough(new HarmonyEventStream(encoding, { role: "assistant" }));
 * const types: string[] = [];
 * for await (const event of events) types.push(event.type);
 * types; // => ["message-start", "content-delta", "message-end"]
 * ```
 */
export class HarmonyEventStream extends Transform<number | TokenInput, HarmonyEvent> {
  /** @throws {HarmonyError} `unknown_role`; `parse_failed` for a prefix that strict refuses. */
  constructor(encoding: HarmonyEncoding, options?: EventStreamOptions | null);
  constructor(options?: EventStreamOptions | null);
  constructor(
    first?: HarmonyEncoding | EventStreamOptions | null,
    second?: EventStreamOptions | null,
  ) {
    const options = isOptions(first) ? first : second;
    const encoding = isOptions(first) ? undefined : first;
    const parser = parserFor(encoding, checkedOptions("options", options, OPTIONS));
    const emit = (next: () => HarmonyEvent[], to: { enqueue(event: HarmonyEvent): void }) => {
      try {
        for (const event of next()) to.enqueue(event);
        parser.check();
      } catch (error) {
        parser.free();
        throw error;
      }
    };
    super({
      transform(tokens, controller) {
        emit(() => {
          if (typeof tokens !== "number") refuseOthers(tokens);
          return parser.push(tokens);
        }, controller);
      },
      flush(controller) {
        emit(() => parser.end(), controller);
        parser.free();
      },
      // The collector does not see the wasm's memory, so it is late: 4,500 streams that were
      // cancelled took 335 MB, and take 150.
      cancel() {
        parser.free();
      },
    });
  }
}

/**
 * The events of a completion, from an iterable of ids or of arrays of ids, async
 * or not. A failure of the source, of a strict parser, or of the signal is thrown
 * after the events before it. Leaving the loop closes the source.
 *
 * @throws {HarmonyError} `unknown_role`; `parse_failed` if `recover` is false, with the
 * position of the token in the stream.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, parseStream } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * async function* sampled() {
 *   yield* encoding.encode("<|channel|>final<|message|>Grüße!<|return|>", { allowedSpecial: "all" });
 * }
 * let shown = "";
 * for await (const event of parseStream(encoding, sampled(), { role: "assistant" })) {
 *   if (event.type === "content-delta") shown += event.delta;
 * }
 * shown; // => "Grüße!"
 * ```
 */
export function parseStream(
  encoding: HarmonyEncoding,
  source: TokenSource,
  options?: ParseStreamOptions | null,
): AsyncGenerator<HarmonyEvent, void, undefined>;
export function parseStream(
  source: TokenSource,
  options?: ParseStreamOptions | null,
): AsyncGenerator<HarmonyEvent, void, undefined>;
export function parseStream(
  first: HarmonyEncoding | TokenSource,
  second?: TokenSource | ParseStreamOptions | null,
  third?: ParseStreamOptions | null,
): AsyncGenerator<HarmonyEvent, void, undefined> {
  if (isSource(first)) {
    if (!isSource(second)) return started(undefined, first, second);
    throw new TypeError(`"encoding" expected a HarmonyEncoding, got ${described(first)}`);
  }
  if (isSource(second)) return started(first, second, third);
  refuseOthers(first);
  refuseOthers(second);
  throw new TypeError(`"source" expected an iterable of token ids, got ${described(second)}`);
}

function started(
  encoding: HarmonyEncoding | undefined,
  source: TokenSource,
  options: ParseStreamOptions | null | undefined,
) {
  const known = [...OPTIONS, "signal"] as const;
  const { signal, ...rest } = checkedOptions<ParseStreamOptions>("options", options, known);
  checkSignal(signal);
  refuseOthers(source);
  return events(source, parserFor(encoding, rest), signal);
}

async function* events(
  source: TokenSource,
  parser: EventParser,
  signal: AbortSignal | undefined,
): AsyncGenerator<HarmonyEvent, void, undefined> {
  try {
    for await (const tokens of untilAborted(source, signal)) {
      if (typeof tokens !== "number") refuseOthers(tokens);
      yield* parser.push(tokens);
      parser.check();
    }
    yield* parser.end();
    parser.check();
  } finally {
    parser.free();
  }
}

/** Yields from the source; throws the signal's reason once it is aborted, even while waiting. */
async function* untilAborted(source: TokenSource, signal: AbortSignal | undefined) {
  if (!signal) return yield* source;
  const iterator = iteratorOf(source);
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  aborted.catch(() => undefined);
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await Promise.race([iterator.next(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: a source that sends nothing would never answer.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function iteratorOf(source: TokenSource) {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}

function parserFor(
  first: HarmonyEncoding | undefined,
  { encoding, ...options }: EventStreamOptions,
): EventParser {
  return new EventParser(first ?? encoding ?? HarmonyEncoding.latest(), options);
}

/** A plain object, or none: an encoding has a class. */
function isOptions(value: unknown): value is EventStreamOptions | null | undefined {
  if (value === undefined || value === null) return true;
  if (typeof value !== "object") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Refuses texts and bytes, which are iterable too. */
function refuseOthers(tokens: unknown): void {
  if (typeof tokens === "string") {
    throw new TypeError(
      `"source" expected token ids, got ${described(tokens)}; parseHarmonyText reads text`,
    );
  }
  refuseBytes("source", tokens);
}

function isSource(value: unknown): value is TokenSource {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`"options.signal" expected an AbortSignal, got ${described(signal)}`);
}
