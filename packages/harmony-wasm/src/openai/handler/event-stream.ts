/**
 * Answers as server-sent events. This module promises that an event is made when
 * its reader asks for it and not before, that none is ever sent in half, and that
 * the source is closed when the reader leaves.
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
const WAITED = Symbol("waited");

/** A body of events, each a text with its empty line. */
export function eventStreamBody(
  events: AsyncIterable<string>,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          next ??= iterator.next();
          const result = await orWaited(next, options.keepAliveMs);
          if (result === WAITED) return controller.enqueue(KEEP_ALIVE);
          next = undefined;
          if (!result.done) return controller.enqueue(encoder.encode(result.value));
          options.closed();
        } catch (error) {
          options.closed(error);
          controller.enqueue(encoder.encode(options.failed(error)));
        }
        controller.close();
      },
      async cancel(cause) {
        options.closed(clientLeft(cause));
        // The source may be waiting for the backend, which the signal has just stopped.
        next?.catch(() => {});
        await iterator.return?.().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** What the promise gives, or `WAITED`; the timer never outlives the call. */
async function orWaited<T>(promise: Promise<T>, duration: number): Promise<T | typeof WAITED> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<typeof WAITED>((resolve) => {
    timer = setTimeout(() => resolve(WAITED), duration);
  });
  try {
    return await Promise.race([promise, waited]);
  } finally {
    clearTimeout(timer);
  }
}
