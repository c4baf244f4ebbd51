/**
 * Values out of Arrow data, with texts exactly as their bytes are: apache-arrow
 * 21.2.0 drops a byte order mark at the beginning of any text, which is a token
 * less, and writes U+FFFD for what is not UTF-8.
 */

import { type Data, DataType, Vector } from "apache-arrow";

/** The bytes of a text; undefined for null, and for data of other types. */
export function textBytesAt(data: Data, index: number): Buffer | undefined {
  if (!data.getValid(index)) return undefined;
  if (!DataType.isUtf8(data.type) && !DataType.isLargeUtf8(data.type)) return undefined;
  const [start, end] = [Number(data.valueOffsets[index]), Number(data.valueOffsets[index + 1])];
  const { buffer, byteOffset }: Uint8Array = data.values;
  return Buffer.from(buffer, byteOffset + start, end - start);
}

/** A value as JSON has it; integers of 64 bits stay bigints. */
export function plainValue(data: Data, index: number): unknown {
  if (!data.getValid(index)) return null;
  const { type } = data;
  const bytes = textBytesAt(data, index);
  if (bytes) return bytes.toString("utf8");
  if (DataType.isDictionary(type)) {
    const { values, dictionary } = data;
    return dictionary && vectorValue(dictionary, Number(values[index]));
  }
  if (DataType.isStruct(type)) {
    const members = type.children.map(({ name }, child) => {
      return [name, childValue(data, child, index)] as const;
    });
    return Object.fromEntries(members);
  }
  const hasOffsets = DataType.isList(type) || DataType.isLargeList(type);
  if (!hasOffsets) return new Vector([data]).get(index);
  const [start, end] = [Number(data.valueOffsets[index]), Number(data.valueOffsets[index + 1])];
  return Array.from({ length: end - start }, (_, at) => childValue(data, 0, start + at));
}

/** A value of a vector, which may be in several pieces. */
export function vectorValue({ data }: Vector, index: number): unknown {
  let at = index;
  for (const piece of data) {
    if (at < piece.length) return plainValue(piece, at);
    at -= piece.length;
  }
  return null;
}

function childValue(data: Data, child: number, index: number): unknown {
  const values: Data | undefined = data.children[child];
  return values ? plainValue(values, index) : null;
}
