/**
 * An Arrow IPC stream in parts: the schema, each batch, and the end. apache-arrow
 * writes the stream, and it is cut where the format allows, so that parts from
 * different threads can be joined.
 */

import { type RecordBatch, RecordBatchStreamWriter, type Schema } from "apache-arrow";

/** The end of a stream: a continuation marker and a length of zero. */
export const STREAM_END = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

function stream(schema: Schema, batches: readonly RecordBatch[]): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  for (const batch of batches) writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}

/** The first message of a stream. */
export function schemaMessage(schema: Schema): Uint8Array {
  return stream(schema, []).subarray(0, -STREAM_END.length);
}

/** The message of one batch; `schemaLength` is the length of the {@link schemaMessage}. */
export function batchMessage(batch: RecordBatch, schemaLength: number): Uint8Array {
  return stream(batch.schema, [batch]).subarray(schemaLength, -STREAM_END.length);
}

/** A whole stream of one batch. */
export function wholeStream(batch: RecordBatch): Uint8Array {
  return stream(batch.schema, [batch]);
}

/** The length of a message's metadata, with its prefix and padding. */
export function metadataLength(message: Uint8Array): number {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  return 8 + view.getInt32(4, true);
}
