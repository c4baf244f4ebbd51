/** The rows of an input rendered one after the other, for commands that look at them. */

import type { OutputRow } from "../columns/output-row.ts";
import { BATCH_SIZE, type InputBatch } from "../input/batch.ts";
import { type RowText, rowTexts } from "../input/row-texts.ts";
import { openSource } from "../input/source.ts";
import { type SampleFlags, sampleOptions } from "../options/flags.ts";
import { type Rendered, Renderer } from "../rendering/renderer.ts";
import { detectedShape } from "./shape.ts";

const START = { row: 0, offset: 0 };

/** A row of the input, with what it became. */
export interface RenderedRow {
  given: RowText;
  rendered: Rendered;
}

/** Renders the rows in this thread; `opened` are the batches of an input that is open already. */
export async function* renderedRows(
  input: string,
  flags: SampleFlags,
  opened?: AsyncIterable<InputBatch>,
): AsyncGenerator<RenderedRow> {
  const batches = opened ?? (await openSource(input, START, BATCH_SIZE)).batches();
  let renderer: Renderer | undefined;
  for await (const batch of batches) {
    renderer ??= rendererFor(batch, flags);
    for (const given of rowTexts(batch)) {
      const rendered = given.error
        ? { error: given.error }
        : renderer.render(given.text, given.row);
      yield { given, rendered };
    }
  }
}

/** The samples of an input; rows that fail are handed to `failed`. */
export async function* renderedSamples(
  input: string,
  flags: SampleFlags,
  failed: (row: RenderedRow) => void,
  opened?: AsyncIterable<InputBatch>,
): AsyncGenerator<OutputRow> {
  for await (const row of renderedRows(input, flags, opened)) {
    if ("error" in row.rendered) failed(row);
    else yield* row.rendered.samples;
  }
}

function rendererFor(batch: InputBatch, flags: SampleFlags): Renderer {
  const shape = flags.shape === "auto" ? detectedShape(batch) : flags.shape;
  return new Renderer(sampleOptions(flags, shape));
}
