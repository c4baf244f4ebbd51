/** Lists of numbers in columns, without a value object for each row. */

import { type Data, DataType } from "apache-arrow";

/** The numbers of a list in Arrow data; undefined for null and for other types. */
export function numbersAt(data: Data, index: number): ArrayLike<number> | undefined {
  const child: Data | undefined = data.children[0];
  if (!DataType.isList(data.type) || !child || !data.getValid(index)) return undefined;
  if (child.nullCount > 0 || !isNumber(child.type)) return undefined;
  return child.values.subarray(data.valueOffsets[index], data.valueOffsets[index + 1]);
}

/** 64-bit integers are not numbers in JavaScript. */
function isNumber(type: DataType): boolean {
  return DataType.isInt(type) ? type.bitWidth < 64 : DataType.isFloat(type) && type.precision > 0;
}

/** A value of a row as a list of numbers, if it is a list; other values in it become NaN. */
export function numberList(value: unknown): ArrayLike<number> | undefined {
  if (Array.isArray(value)) return value.every(isPlainNumber) ? value : value.map(numberOf);
  return isTyped(value) ? value : undefined;
}

function isPlainNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** Masks may consist of booleans. */
function numberOf(value: unknown): number {
  return isPlainNumber(value) || typeof value === "boolean" ? Number(value) : Number.NaN;
}

function isTyped(value: unknown): value is Int32Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
