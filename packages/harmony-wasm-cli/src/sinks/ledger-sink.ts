/** A sink that enters each batch in the ledger of the run before another sink writes it. */

import { join } from "node:path";
import { Ledger, type LedgerEntry } from "./ledger.ts";
import type { DoneBatch, Progressed, Sink } from "./sink.ts";

const NAME = "ledger.jsonl";

/** The other sink, and the ledger in its folder. */
export class LedgerSink implements Sink {
  readonly #sink: Sink;
  readonly #ledger: Ledger;

  private constructor(sink: Sink, ledger: Ledger) {
    this.#sink = sink;
    this.#ledger = ledger;
  }

  /** Opens the ledger, and passes the entries of the run that is resumed to `recall`. */
  static async over(sink: Sink, recall: (entry: LedgerEntry) => void): Promise<Sink> {
    if (sink.folder === undefined || sink.isComplete) return sink;
    try {
      const ledger = await Ledger.open(join(sink.folder, NAME), sink.resumed, recall);
      return new LedgerSink(sink, ledger);
    } catch (error) {
      await sink.close();
      throw error;
    }
  }

  get folder(): string | undefined {
    return this.#sink.folder;
  }

  get isComplete(): boolean {
    return this.#sink.isComplete;
  }

  get resumed(): Progressed | undefined {
    return this.#sink.resumed;
  }

  async add(done: DoneBatch, progressed: Progressed): Promise<void> {
    const { counts: _counts, ...position } = progressed;
    const { summary, digests } = done;
    await this.#ledger.add({
      position,
      ...(summary && { summary }),
      ...(digests && { digests: Buffer.from(digests).toString("base64") }),
    });
    await this.#sink.add(done, progressed);
  }

  async finish(): Promise<void> {
    await this.#ledger.close();
    await this.#sink.finish();
  }

  async close(): Promise<void> {
    await this.#ledger.close();
    await this.#sink.close();
  }
}
