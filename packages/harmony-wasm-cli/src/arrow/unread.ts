/** What apache-arrow does not read, and what to do about it. */

/** Why Arrow data that is not damaged was not read, by the message of apache-arrow; undefined for damage. */
export function unreadReason(detail: string): string | undefined {
  const [, type] = /^Unrecognized type: "(\w+)"/.exec(detail) ?? [];
  if (type !== undefined && type !== "undefined") {
    return `a column of the Arrow input has the type ${type}, which is not read: cast it, or write the rows as Parquet`;
  }
  return detail.includes("compressed")
    ? 'the buffers of the Arrow input are compressed: write it without compression, as pyarrow.feather.write_feather(table, path, compression="uncompressed"), or as Parquet'
    : undefined;
}
