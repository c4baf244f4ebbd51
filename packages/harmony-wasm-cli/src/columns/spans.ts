/** The column of spans: where each message lies among the ids of its row. */

import { type Data, Field, Int32, makeData, Struct, Utf8 } from "apache-arrow";
import type { MessageSpan } from "harmony-wasm/train";
import type { Column, Rows } from "./column.ts";
import { integers, listOf, listType, offsetsOf } from "./number-lists.ts";
import { textColumn } from "./text-column.ts";

/** The fields of a span: `MessageSpan` of harmony-wasm. */
const SPAN_TYPE = new Struct([
  new Field("message", new Int32(), false),
  new Field("role", new Utf8(), false),
  new Field("channel", new Utf8(), true),
  new Field("recipient", new Utf8(), true),
  new Field("start", new Int32(), false),
  new Field("content_start", new Int32(), false),
  new Field("content_end", new Int32(), false),
  new Field("end", new Int32(), false),
]);

/** The column. */
export const SPANS: Column = {
  type: listType(SPAN_TYPE),
  note: "where each message lies among the ids",
  in: "samples",
  arrow: spansData,
  json: ({ spans }) => JSON.stringify(spans),
  inMegatron: false,
};

function spansData(rows: Rows): Data {
  const valueOffsets = offsetsOf(rows, (row) => row.spans.length);
  const spans = rows.flatMap((row) => row?.spans ?? []);
  const children = [
    positions(spans, (span) => span.message),
    textColumn(spans, (span) => span.role),
    textColumn(spans, (span) => span.channel),
    textColumn(spans, (span) => span.recipient),
    positions(spans, (span) => span.start),
    positions(spans, (span) => span.content_start),
    positions(spans, (span) => span.content_end),
    positions(spans, (span) => span.end),
  ];
  const child = makeData({ type: SPAN_TYPE, length: spans.length, nullCount: 0, children });
  return listOf(child, valueOffsets, rows);
}

function positions(spans: readonly MessageSpan[], of: (span: MessageSpan) => number): Data {
  const data = new Int32Array(spans.length);
  spans.forEach((span, index) => {
    data[index] = of(span);
  });
  return integers(data);
}
