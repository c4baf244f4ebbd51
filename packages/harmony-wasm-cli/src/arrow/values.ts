/**
 * Reads values from Arrow data, with the exact bytes of texts: apache-arrow
 * 21.2.0 drops a byte order mark at the start of a text, which loses a token, and
 * replaces bytes that are not UTF-8 by U+FFFD.
 */

import { type Data, DataType, Vector } from "apache-arrow";
import { scalarAt } from "./scalars.ts";

/** The bytes of a text; undefined for null and for other types. */
export function textBytesAt(data: Data, index: number): Buffer | undefined {
  if (!data.getValid(index)) return undefined;
  if (!DataType.isUtf8(data.type) && !DataType.isLargeUtf8(data.type)) return undefined;
  const [start, end] = [Number(data.valueOffsets[index]), Number(data.valueOffsets[index + 1])];
  const { buffer, byteOffset }: Uint8Array = data.values;
  return Buffer.from(buffer, byteOffset + start, end - start);
}

/** A floating-point value; JavaScript prints one without a fraction as an integer. */
export class Float {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  /** As Python's json.dumps writes it, so that Parquet renders as its rows do in Python. */
  toString(): string {
    const [digits = "", power = "0"] = this.#value.toExponential().split("e");
    const exponent = Number(power);
    if (exponent < -4 || exponent >= 16) {
      const size = String(Math.abs(exponent)).padStart(2, "0");
      return `${digits}e${exponent < 0 ? "-" : "+"}${size}`;
    }
    const text = Object.is(this.#value, -0) ? "-0" : String(this.#value);
    return text.includes(".") || !this.isFinite ? text : `${text}.0`;
  }

  /** JSON has neither NaN nor infinity. */
  get isFinite(): boolean {
    return Number.isFinite(this.#value);
  }
}

/** The members of a map, in their order. A key may be there twice, and null is a value. */
export class Members {
  readonly entries: readonly (readonly [key: unknown, value: unknown])[];

  constructor(entries: Members["entries"]) {
    this.entries = entries;
  }
}

/** A value as in JSON; maps are {@link Members}, 64-bit integers stay bigints, floats are {@link Float}, and decimals `Decimal`. */
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
  if (DataType.isFloat(type)) return new Float(Number(new Vector([data]).get(index)));
  const ends = listEnds(data, index);
  if (ends === undefined) return scalarAt(data, index) ?? new Vector([data]).get(index);
  const [start, end] = ends;
  const at = Array.from({ length: end - start }, (_, place) => start + place);
  return DataType.isMap(type)
    ? new Members(at.map((place) => entryAt(data.children[0], place)))
    : at.map((place) => childValue(data, 0, place));
}

function entryAt(entries: Data | undefined, index: number): [key: unknown, value: unknown] {
  return entries ? [childValue(entries, 0, index), childValue(entries, 1, index)] : [null, null];
}

/** Where a list or a map begins and ends among the values of its child; undefined for another type. */
function listEnds({ type, valueOffsets }: Data, index: number): [number, number] | undefined {
  if (DataType.isFixedSizeList(type)) return [index * type.listSize, (index + 1) * type.listSize];
  if (!DataType.isList(type) && !DataType.isLargeList(type) && !DataType.isMap(type)) {
    return undefined;
  }
  return [Number(valueOffsets[index]), Number(valueOffsets[index + 1])];
}

/** A value of a vector, which may consist of several chunks. */
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
