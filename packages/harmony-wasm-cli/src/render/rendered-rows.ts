/**
 * Renders the rows of a batch, many in one call on the wasm. That call renders
 * usual rows and leaves out the others, which are rendered one by one: there every
 * row gets its samples or its error. Both ways have the same ids.
 */

import type { RenderedRows } from "harmony-wasm";
import type { InputBatch, LineBatch, RowText } from "../input/batch.ts";
import { lineAt, rowTexts } from "../input/row-texts.ts";
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
    yield* renderedLines(batch, batch.rows, rendererOf(batch.file));
  } else yield* renderedTexts(rowTexts(batch), rendererOf);
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
    const first = from;
    yield* rowsOf(
      {
        bytes: rows.bytes.subarray(start, end),
        ends: rows.ends.slice(from, to).map((each) => each - start),
        // Of a line that is too long only the beginning is there, which may be a conversation.
        isWhole: (index) => !rows.tooLong.includes(first + index),
        placeOf: (index) => ({ file, row: firstRow + first + index }),
        givenAt: (index) => {
          const line = lineAt(rows, firstRow, first + index);
          return line && { ...line, file };
        },
      },
      renderer,
    );
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
    texts.add(given);
  }
  if (renderer) yield* renderedRun(texts, renderer);
}

function* renderedRun(texts: TextRows, renderer: Renderer): Generator<BatchRow> {
  const rowAt = (index: number) => present(texts.rows[index]);
  const { bytes, ends } = texts.encoded();
  yield* rowsOf({ bytes, ends, isWhole: () => true, placeOf: rowAt, givenAt: rowAt }, renderer);
}

/** The rows of one call. */
interface Call {
  bytes: Uint8Array;
  ends: Uint32Array;
  isWhole: (index: number) => boolean;
  placeOf: (index: number) => Pick<RowText, "file" | "row">;
  /** Undefined for a blank line. */
  givenAt: (index: number) => RowText | undefined;
}

/** Rows in order: usual ones from one call on all of them, the others from {@link otherRows}. */
function* rowsOf(call: Call, renderer: Renderer): Generator<BatchRow> {
  const usual = renderer.usualRows(call.bytes, call.ends);
  const tokensAt = (index: number) => (call.isWhole(index) ? usual?.tokensAt(index) : undefined);
  const left: RowText[] = [];
  for (let index = 0; index < call.ends.length; index += 1) {
    const given = tokensAt(index) ? undefined : call.givenAt(index);
    if (given) left.push(given);
  }
  const others = otherRows(left, renderer);
  let other = others.next();
  for (let index = 0; index < call.ends.length; index += 1) {
    const [place, tokens] = [call.placeOf(index), tokensAt(index)];
    if (usual && tokens) {
      const given = () => present(call.givenAt(index));
      yield usualRow(place, given, { usual, index, tokens }, renderer);
    } else if (!other.done && other.value.row === place.row && other.value.file === place.file) {
      yield other.value;
      other = others.next();
    }
  }
}

/**
 * Rows that are not usual as they are. Those of another shape may have usual conversations, which
 * are rendered in one call too.
 */
function* otherRows(rows: readonly RowText[], renderer: Renderer): Generator<BatchRow> {
  if (!renderer.maps) {
    for (const given of rows) yield singleRow(given, (text) => renderer.renderRow(text));
    return;
  }
  const read = rows.map((given) => ({ given, read: renderer.conversationOf(given) }));
  const texts = new TextRows();
  for (const { given, read: found } of read) {
    texts.add(
      "conversation" in found ? { ...given, text: found.conversation } : { ...given, ...found },
    );
  }
  const { bytes, ends } = texts.encoded();
  const usual = renderer.usualConversations(bytes, ends);
  for (const [index, { given, read: found }] of read.entries()) {
    const tokens = usual?.tokensAt(index);
    if (usual && tokens) yield usualRow(given, () => given, { usual, index, tokens }, renderer);
    else yield singleRow(given, () => renderer.renderRead(found, given));
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
