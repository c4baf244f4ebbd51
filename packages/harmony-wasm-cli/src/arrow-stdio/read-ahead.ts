/**
 * Reads a pipe while its consumer is busy: a parent that writes several batches
 * before it reads an answer must not wait for us while we wait for it. The bytes
 * held are bounded; a parent further ahead has to read first.
 */

/** How many bytes are read ahead of rendering. */
export const READ_AHEAD_BYTES = 64 * 1024 * 1024;

/** An input that is read ahead of its consumer. */
export class ReadAhead implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #failure: unknown;
  #wakeReader: () => void = () => {};
  #wakeConsumer: () => void = () => {};

  constructor(input: AsyncIterable<Uint8Array>) {
    void this.#readAll(input);
  }

  async #readAll(input: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of input) {
        this.#chunks.push(chunk);
        this.#held += chunk.length;
        this.#wakeConsumer();
        if (this.#held >= READ_AHEAD_BYTES) await this.#room();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#ended = true;
    this.#wakeConsumer();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#held -= chunk.length;
        if (this.#held < READ_AHEAD_BYTES) this.#wakeReader();
        yield chunk;
      } else if (this.#ended) {
        if (this.#failure) throw this.#failure;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeConsumer = resolve;
        });
      }
    }
  }
}
