/**
 * Finds the damage of record batches before their values are read: apache-arrow takes lengths
 * and offsets as they are, and fails only where a value lies outside its buffer, or reads as
 * many nulls as a wrong length promises.
 */

import { type Data, DataType, type RecordBatch } from "apache-arrow";

/** Fails if the buffers of a batch do not have the values that its lengths promise. */
export function refuseDamaged(batch: RecordBatch): void {
  for (const [index, { name }] of batch.schema.fields.entries()) {
    const column = batch.data.children[index];
    if (column?.length === batch.numRows && isWhole(column)) continue;
    throw new Error(`the column ${name} has other lengths than it should have`);
  }
}

function isWhole(data: Data): boolean {
  const { type, length, nullBitmap, nullCount } = data;
  if (nullCount > 0 && nullBitmap.length * 8 < length) return false;
  if (DataType.isDictionary(type)) return isWholeDictionary(data);
  return hasValues(data) && data.children.every((child) => isWhole(child));
}

function isWholeDictionary({ values, length, dictionary }: Data): boolean {
  return values.length >= length && dictionary !== undefined && dictionary.data.every(isWhole);
}

/** Whether the values of all rows are there: in their own buffer, or in the children. */
function hasValues(data: Data): boolean {
  const { type, length, values, children } = data;
  if (DataType.isStruct(type)) return children.every((child) => child.length >= length);
  if (DataType.isFixedSizeList(type)) return (children[0]?.length ?? 0) >= length * type.listSize;
  if (isList(type)) return ascends(data, children[0]?.length ?? 0);
  if (isBytes(type)) return ascends(data, values.length);
  if (DataType.isBool(type)) return values.length * 8 >= length;
  return !isNumber(type) || values.length >= length;
}

function isList(type: DataType): boolean {
  return DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type);
}

function isBytes(type: DataType): boolean {
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return true;
  return DataType.isBinary(type) || DataType.isLargeBinary(type);
}

function isNumber(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type);
}

/** Whether the offsets ascend from 0 or more to at most `most`. */
function ascends({ length, valueOffsets }: Data, most: number): boolean {
  if (length === 0) return true;
  if (valueOffsets.length <= length) return false;
  let before = 0;
  for (let at = 0; at <= length; at += 1) {
    const offset = Number(valueOffsets[at]);
    if (offset < before) return false;
    before = offset;
  }
  return before <= most;
}
