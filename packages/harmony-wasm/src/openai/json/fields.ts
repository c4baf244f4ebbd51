/** Reads fields of parsed JSON, and refuses a field of another type by its path. */

import { RequestError } from "../errors.js";

/** A JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, or a refusal that names its place. */
export function fieldsAt(value: unknown, path: string): Fields {
  if (isFields(value)) return value;
  throw new RequestError("invalid_conversation", `expected an object, got ${kindOf(value)}`, path);
}

/** An array, or a refusal that names its place. */
export function arrayAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RequestError("invalid_conversation", `expected an array, got ${kindOf(value)}`, path);
}

/** A string, or a refusal that names its place. */
export function textAt(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw new RequestError("invalid_conversation", `expected a string, got ${kindOf(value)}`, path);
}

/** A string. An absent value and null are undefined. */
export function optionalTextAt(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : textAt(value, path);
}

/** The value of JSON text, or a refusal that names its place. */
export function parsedAt(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new RequestError("invalid_json", `invalid JSON: ${detail}`, path);
  }
}

/** A number. An absent value and null are undefined. */
export function optionalNumberAt(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new RequestError("invalid_type", `expected a number, got ${kindOf(value)}`, path);
}

/** A flag. An absent value and null are undefined. */
export function optionalFlagAt(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw new RequestError("invalid_type", `expected true or false, got ${kindOf(value)}`, path);
}

/** Whether a field holds anything: absent and null both mean nothing. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The value of a table under a key that a client wrote: `constructor` is not a key of a table. */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === "string" && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A path with one more step. */
export function pathOf(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** The kind of a JSON value, for an error about one of a wrong kind. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
