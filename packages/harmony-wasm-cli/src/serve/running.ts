/**
 * The requests that are being answered. This module promises to count a request
 * until the last byte of its answer is sent or its client left, and to refuse
 * requests once the server stops.
 */

/** Counts requests, and waits for their ends. */
export class Running {
  #count = 0;
  #isStopping = false;
  #ended: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** One more, until the function that it gives is called. */
  begin(): () => void {
    this.#count += 1;
    return () => {
      this.#count -= 1;
      if (this.#count === 0) this.#ended?.();
    };
  }

  /** Refuses further requests, and resolves when none is being answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
  }
}
