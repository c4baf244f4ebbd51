/**
 * Answers as server-sent events. This module promises that no event is made
 * before its reader asks for more, that those which are there already go out
 * together, that none is ever sent in half, and that the source is closed when
 * the reader leaves.
 */

import { clientLeft } from "./completion.js";

/** Options of {@link eventStreamBody}. */
export interface EventStreamOptions {
  /** Milliseconds without an event after which a comment keeps the connection open. */
  keepAliveMs: number;
  /** The last text for a source that threw. */
  failed(error: unknown): string;
  /** The stream is over: the source ended, or threw, or the reader left. */
  closed(error?: unknown): void;
}

const KEEP_ALIVE = new TextEncoder().encode(": keep-alive\n\n");

/** Events that are sent together: more are made when the reader asks again. */
const BATCH = 32;

/**
 * Turns of the microtask queue after which an event is not there yet. The
 * generators between the backend and this stream take about 40; a turn takes
 * less than a microsecond.
 */
const TURNS = 100;

/** A body of events, each a text with its empty line. */
export function eventStreamBody(
  events: AsyncIterable<string>,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const source = new EventSource(events);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!(await source.hasNext(options.keepAliveMs))) return controller.enqueue(KEEP_ALIVE);
        const { text, isOver, failure } = await source.batch();
        if (isOver) options.closed(failure?.error);
        const last = failure === undefined ? "" : options.failed(failure.error);
        if (text + last !== "") controller.enqueue(encoder.encode(text + last));
        if (isOver) controller.close();
      },
      async cancel(cause) {
        options.closed(clientLeft(cause));
        await source.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Events that go out together. */
interface Batch {
  text: string;
  isOver: boolean;
  failure?: { error: unknown };
}

/** Reads the events one after the other. */
class EventSource {
  readonly #iterator: AsyncIterator<string>;
  #next: Promise<IteratorResult<string>> | undefined;
  #isThere = false;

  constructor(events: AsyncIterable<string>) {
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** Whether an event, or the end, comes within the time. */
  async hasNext(durationMs: number): Promise<boolean> {
    if (await this.#hasNextNow()) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, durationMs);
      this.#next?.then(
        () => resolve(),
        () => resolve(),
      );
    });
    clearTimeout(timer);
    return this.#isThere;
  }

  /** The events that are there; call it once there is one. */
  async batch(): Promise<Batch> {
    let text = "";
    let count = 0;
    try {
      do {
        const result = await (this.#next ?? this.#iterator.next());
        this.#next = undefined;
        if (result.done) return { text, isOver: true };
        text += result.value;
        count += 1;
      } while (count < BATCH && (await this.#hasNextNow()));
    } catch (error) {
      return { text, isOver: true, failure: { error } };
    }
    return { text, isOver: false };
  }

  /** Stops the source, which may be waiting for the backend. */
  async close(): Promise<void> {
    this.#next?.catch(() => {});
    await this.#iterator.return?.().catch(() => {});
  }

  /** Asks for the next event, and gives whether it needs nothing to be waited for. */
  async #hasNextNow(): Promise<boolean> {
    if (this.#next === undefined) {
      this.#isThere = false;
      this.#next = this.#iterator.next();
      const arrived = () => {
        this.#isThere = true;
      };
      this.#next.then(arrived, arrived);
    }
    for (let turn = 0; turn < TURNS && !this.#isThere; turn += 1) await undefined;
    return this.#isThere;
  }
}
