/**
 * Fields of an input row that its output rows carry along, such as an id or a
 * source. Values keep their JSON text, so that no digit of a number is lost.
 */

declare global {
  /** Source text access, in V8 since Node 21; TypeScript's library (6.0) does not declare it. */
  interface JSON {
    rawJSON(text: string): unknown;
    parse(text: string, reviver: Reviver): unknown;
  }
}

type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** The JSON text of each field that the row has; null counts as missing. */
export type Carried = Readonly<Record<string, string>>;

/** The fields of a row's JSON text. */
export function carriedFrom(text: string, names: readonly string[]): Carried {
  const row = JSON.parse(text, (_key, value, { source }) =>
    typeof value === "number" ? JSON.rawJSON(source) : value,
  );
  const fields = names.flatMap((name) => {
    const value: unknown = Object.hasOwn(Object(row), name) ? Object(row)[name] : undefined;
    return value === undefined || value === null ? [] : [[name, JSON.stringify(value)] as const];
  });
  return Object.fromEntries(fields);
}

/** A carried value as plain text: a string as it is, anything else as JSON. */
export function plainText(json: string): string {
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}
