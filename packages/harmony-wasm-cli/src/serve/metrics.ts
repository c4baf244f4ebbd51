/** Counts for Prometheus. This module promises that no label has a value that a client chooses. */

import type { HandlerEvent } from "harmony-wasm/openai";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What a server counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #completions: Counter;
  readonly #tokens: Counter;
  readonly #seconds: Histogram;
  readonly #firstToken: Histogram;
  readonly #storeFailures: Counter;

  /** `running` gives how many requests are being answered. */
  constructor(running: () => number) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#completions = new Counter({
      name: "harmony_completions_total",
      help: "Completions that ended, by route and by how they ended",
      labelNames: ["path", "end"],
      registers,
    });
    this.#tokens = new Counter({
      name: "harmony_tokens_total",
      help: "Token ids of prompts and completions",
      labelNames: ["of"],
      registers,
    });
    const seconds = { buckets: SECONDS, registers };
    this.#seconds = new Histogram({
      name: "harmony_completion_seconds",
      help: "Seconds from a request to the end of its answer",
      ...seconds,
    });
    this.#firstToken = new Histogram({
      name: "harmony_first_token_seconds",
      help: "Seconds from a request to its first sampled id",
      ...seconds,
    });
    this.#storeFailures = new Counter({
      name: "harmony_store_failures_total",
      help: "Turns that could not be stored",
      registers,
    });
    new Gauge({
      name: "harmony_requests_running",
      help: "Requests that are being answered",
      registers,
      collect() {
        this.set(running());
      },
    });
  }

  /** Counts a completion. */
  count(event: HandlerEvent): void {
    this.#completions.inc({ path: event.path, end: event.type });
    this.#tokens.inc({ of: "prompt" }, event.promptTokens);
    this.#tokens.inc({ of: "completion" }, event.completionTokens);
    this.#seconds.observe(event.durationMs / 1000);
    if (event.firstTokenMs !== undefined) this.#firstToken.observe(event.firstTokenMs / 1000);
    if (event.storeError !== undefined) this.#storeFailures.inc();
  }

  /** The counts in Prometheus' text format. */
  async response(): Promise<Response> {
    const { contentType } = this.#registry;
    return new Response(await this.#registry.metrics(), {
      headers: { "content-type": contentType },
    });
  }
}
