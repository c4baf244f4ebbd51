/**
 * Fields of an input row that its output rows carry along, such as an id or a
 * source. Values keep their JSON text, so that no digit of a number is lost.
 */

/**
 * Source text access, which V8 has since Node 21 and TypeScript's library (6.0)
 * does not declare. Not declared globally: that would change every call of
 * JSON.parse in the repository.
 */
interface SourceText {
  rawJSON: (text: string) => unknown;
  parse: (text: string, reviver: Reviver) => unknown;
}

type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

const { rawJSON, parse } = JSON as typeof JSON & SourceText;

/** The JSON text of each field that the row has; null counts as missing. */
export type Carried = Readonly<Record<string, string>>;

/** The fields of a row's JSON text. */
export function carriedFrom(text: string, names: readonly string[]): Carried {
  const row = parse(text, (_key: string, value: unknown, { source }: { source: string }) =>
    typeof value === "number" ? rawJSON(source) : value,
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
