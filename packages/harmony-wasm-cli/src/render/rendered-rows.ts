/**
 * Renders the rows of a batch, many in one call on the wasm. That call renders
 * usual rows and leaves out the others, which are rendered one by one: there every
 * row gets its samples or its error. Both ways have the same ids.
 */

import type { RenderedRows } from "harmony-wasm";
import type { InputBatch, LineBatch } from "../input/batch.ts";
import { lineAt, type RowText, rowTexts } from "../input/row-texts.ts";
import type { Rendered, Renderer } from "./renderer.ts";
import { TextRows } from "./text-rows.ts";

/** A row of a batch. */
export interface BatchRow {
  /** Its file: an index into the files of the run. */
  file: number;
  row: number;
  /** The row as text. */
  given: () => RowText;
  /** Its samples, or its error. */
  rendered: () => Rendered;
  /** Its ids, where it is one sample without an error; saves making the rest of the sample. */
  tokens: Uint32Array | undefined;
}

/**
 * The most bytes in a call, which reads whole rows. Calls of four times as many
 * are not faster, and eight workers then need 70 MB more.
 */
const MOST_BYTES = 256 * 1024;

/** The rows of a batch that are not empty, in order; each is used before the next is taken. */
export function* renderedRows(
  batch: InputBatch,
  rendererOf: (file: number) => Renderer,
): Generator<BatchRow> {
  if (batch.rows.kind === "lines") {
    const renderer = rendererOf(batch.file);
    if (renderer.readsRows) {
      yield* renderedLines(batch, batch.rows, renderer);
      return;
    }
  }
  yield* renderedTexts(rowTexts(batch), rendererOf);
}

/** Lines go to the wasm as the bytes that they are. */
function* renderedLines(
  { file, firstRow }: InputBatch,
  rows: LineBatch,
  renderer: Renderer,
): Generator<BatchRow> {
  let start = 0;
  for (let from = 0; from < rows.ends.length; ) {
    const to = endOfCall(rows.ends, from, start);
    const end = rows.ends[to - 1] ?? start;
    const bytes = rows.bytes.subarray(start, end);
    const ends = rows.ends.slice(from, to).map((each) => each - start);
    const usual = renderer.usualRows(bytes, ends);
    for (let index = from; index < to; index += 1) {
      const line = () => lineAt(rows, firstRow, index);
      // Of a line that is too long only the beginning is there, which may be a conversation.
      const isWhole = !rows.tooLong.includes(index);
      const tokens = isWhole ? usual?.tokensAt(index - from) : undefined;
      if (usual && tokens) {
        const given = () => ({ ...present(line()), file });
        const place = { file, row: firstRow + index };
        yield usualRow(place, given, { usual, index: index - from, tokens }, renderer);
      } else {
        const given = line();
        if (given) yield singleRow({ ...given, file }, (text) => renderer.renderRow(text));
      }
    }
    [from, start] = [to, end];
  }
}

/** The row after the last of the next call: at least one. */
function endOfCall(ends: Uint32Array, from: number, start: number): number {
  let to = from + 1;
  while (to < ends.length && (ends[to] ?? 0) - start <= MOST_BYTES) to += 1;
  return to;
}

/** Rows as text, of files that may have different shapes. */
export function* renderedTexts(
  rows: Iterable<RowText>,
  rendererOf: (file: number) => Renderer,
): Generator<BatchRow> {
  let texts = new TextRows();
  let renderer: Renderer | undefined;
  for (const given of rows) {
    const own = rendererOf(given.file);
    if (renderer && (renderer !== own || texts.size > MOST_BYTES)) {
      yield* renderedRun(texts, renderer);
      texts = new TextRows();
    }
    renderer = own;
    texts.add(given, given.error ? { error: given.error } : own.conversationOf(given.text));
  }
  if (renderer) yield* renderedRun(texts, renderer);
}

function* renderedRun(texts: TextRows, renderer: Renderer): Generator<BatchRow> {
  const { bytes, ends } = texts.encoded();
  const usual = renderer.usualRows(bytes, ends);
  for (const [index, { given, read }] of texts.rows.entries()) {
    const tokens = usual?.tokensAt(index);
    if (usual && tokens) yield usualRow(given, () => given, { usual, index, tokens }, renderer);
    else yield singleRow(given, () => renderer.renderRead(read, given));
  }
}

interface UsualRow {
  usual: RenderedRows;
  index: number;
  tokens: Uint32Array;
}

function usualRow(
  { file, row }: Pick<RowText, "file" | "row">,
  given: () => RowText,
  { usual, index, tokens }: UsualRow,
  renderer: Renderer,
): BatchRow {
  const rendered = () => renderer.sampleOf(tokens, usual.spansAt(index), row);
  return { file, row, given, rendered, tokens };
}

function singleRow(given: RowText, render: (given: RowText) => Rendered): BatchRow {
  const { file, row } = given;
  return { file, row, given: () => given, rendered: () => render(given), tokens: undefined };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a rendered line is not blank");
  return value;
}
