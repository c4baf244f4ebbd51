/**
 * One conversation to its samples. The text of a row goes to the wasm as it
 * stands, so that numbers and the order of keys stay what they are.
 */

import { type HarmonyEncoding, loadHarmonyEncodingSync, Role } from "harmony-wasm";
import type { OutputRow } from "../columns/output-row.ts";
import type { SampleOptions } from "../options/render-options.ts";
import { type RowError, rowErrorOf } from "./row-error.ts";

/** What one row became. */
export type Rendered = { samples: OutputRow[] } | { error: RowError };

/** Renders rows, whatever is in them. */
export class Renderer {
  readonly #options: SampleOptions;
  #encoding: HarmonyEncoding = loadHarmonyEncodingSync();

  constructor(options: SampleOptions) {
    this.#options = options;
  }

  /** The samples of one row's text, or why there are none. */
  render(text: string, sourceRow: number): Rendered {
    try {
      return { samples: [{ ...this.#sample(text), sourceRow }] };
    } catch (error) {
      const told = rowErrorOf(error);
      if (told.code === "instance_lost") this.#encoding = loadHarmonyEncodingSync();
      return { error: told };
    }
  }

  #sample(text: string) {
    const tokens = this.#tokens(text);
    return { tokens, lossMask: new Uint8Array(tokens.length).fill(1), spans: [] };
  }

  #tokens(text: string): Uint32Array {
    const encoding = this.#encoding;
    if (this.#options.for === "training") return encoding.renderConversationForTraining(text);
    if (this.#options.for === "conversation") return encoding.renderConversation(text);
    return encoding.renderConversationForCompletion(text, Role.ASSISTANT);
  }
}
