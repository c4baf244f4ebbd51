/**
 * The events of a completion that is handed over piece by piece. This module promises that each
 * piece gives the events that it completes, before the next one is there.
 */

import type { HarmonyEncoding } from "../index.js";
import { type Prompt, type ResponseStreamEvent, responseEvents } from "../openai/index.js";

const EMPTY = Symbol("empty");

/** Ids that are read as they are handed over. */
class Feed implements AsyncIterable<Uint32Array> {
  readonly #pieces: Uint32Array[] = [];
  #isOver = false;
  #wake = () => {};
  #emptied = () => {};
  #empty = this.#untilEmpty();

  /** Settles when all that was handed over has been read, and more is asked for. */
  get empty(): Promise<typeof EMPTY> {
    return this.#empty;
  }

  /** Hands over more ids. */
  push(piece: Uint32Array): void {
    this.#pieces.push(piece);
    this.#resume();
  }

  /** No more ids come. */
  end(): void {
    this.#isOver = true;
    this.#resume();
  }

  #resume(): void {
    this.#empty = this.#untilEmpty();
    this.#wake();
  }

  #untilEmpty(): Promise<typeof EMPTY> {
    return new Promise((resolve) => {
      this.#emptied = () => resolve(EMPTY);
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint32Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) yield piece;
      else if (this.#isOver) return;
      else {
        const more = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#emptied();
        await more;
      }
    }
  }
}

/** Reads one completion. */
export class FedEvents {
  readonly #feed = new Feed();
  readonly #events: AsyncGenerator<ResponseStreamEvent, void, undefined>;
  #next: Promise<IteratorResult<ResponseStreamEvent, void>> | undefined;

  constructor(encoding: HarmonyEncoding, prompt: Prompt) {
    this.#events = responseEvents(encoding, prompt, this.#feed);
  }

  /** The events that more ids complete. */
  push(tokens: Uint32Array): AsyncGenerator<ResponseStreamEvent> {
    this.#feed.push(tokens);
    return this.#ready();
  }

  /** The rest. */
  end(): AsyncGenerator<ResponseStreamEvent> {
    this.#feed.end();
    return this.#ready();
  }

  /** Either an event comes or the feed is empty: then the event is waited for with the next ids. */
  async *#ready(): AsyncGenerator<ResponseStreamEvent> {
    for (;;) {
      this.#next ??= this.#events.next();
      const next = await Promise.race([this.#next, this.#feed.empty]);
      if (next === EMPTY) return;
      this.#next = undefined;
      if (next.done) return;
      yield next.value;
    }
  }
}
