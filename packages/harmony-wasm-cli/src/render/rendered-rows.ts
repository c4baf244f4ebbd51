/** Renders the rows of an input one by one in this thread, for commands that only read. */

import { BATCH_SIZE, type InputBatch } from "../input/batch.ts";
import { type RowText, rowTexts } from "../input/row-texts.ts";
import { detectedShape } from "../input/shape.ts";
import { openSource } from "../input/source.ts";
import type { OutputRow } from "../rows/output-row.ts";
import { type SamplePlan, withShape } from "./plan.ts";
import { type Rendered, Renderer } from "./renderer.ts";

const START = { row: 0, offset: 0 };

/** A row of the input and its rendering. */
export interface RenderedRow {
  given: RowText;
  rendered: Rendered;
}

/** Renders the rows; `opened` has the batches of an input that is already open. */
export async function* renderedRows(
  input: string,
  plan: SamplePlan,
  opened?: AsyncIterable<InputBatch>,
): AsyncGenerator<RenderedRow> {
  const batches = opened ?? (await openSource(input, START, BATCH_SIZE)).batches();
  let renderer: Renderer | undefined;
  for await (const batch of batches) {
    renderer ??= rendererFor(batch, plan);
    for (const given of rowTexts(batch)) yield { given, rendered: renderer.renderRow(given) };
  }
}

/** The samples of an input; passes rows that fail to `failed`. */
export async function* renderedSamples(
  input: string,
  plan: SamplePlan,
  failed: (row: RenderedRow) => void,
  opened?: AsyncIterable<InputBatch>,
): AsyncGenerator<OutputRow> {
  for await (const row of renderedRows(input, plan, opened)) {
    if ("error" in row.rendered) failed(row);
    else yield* row.rendered.samples;
  }
}

function rendererFor(batch: InputBatch, plan: SamplePlan): Renderer {
  const shape = plan.shape === "auto" ? detectedShape(batch) : plan.shape;
  return new Renderer(withShape(plan, shape));
}
