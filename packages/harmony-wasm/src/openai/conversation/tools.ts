/**
 * The tools that a row offers, as harmony's JSON text. The schema of each tool
 * is cut out of the row's text as it was written.
 */

import { functionTools } from "../../index.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  optionalTextAt,
  parsedAt,
  textAt,
} from "../json/fields.js";
import { elementsOf, memberOf, type Place, valueAt } from "../json/source.js";

/** Text whose place in another text is known. */
interface Source {
  text: string;
  place: Place;
}

/** The `tools` of a developer message as JSON text, or undefined where there are none. */
export function toolsText(row: Fields, rowText: string): string | undefined {
  const source = sourceOfTools(row, rowText);
  if (!source) return undefined;
  const tools = arrayAt(source.value, "tools");
  if (tools.length === 0) return undefined;
  const places = elementsOf(source.text, source.place);
  const texts = tools.map((tool, index) =>
    toolText(tool, { text: source.text, place: places[index] ?? source.place }, `tools[${index}]`),
  );
  return namespaceText(texts);
}

/** Where the tools stand: in the row, in a string of it, or under `functions`. */
function sourceOfTools(row: Fields, rowText: string): (Source & { value: unknown }) | undefined {
  const name = row.tools !== undefined && row.tools !== null ? "tools" : "functions";
  const value = row[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") {
    return { value: parsedAt(value, name), text: value, place: valueAt(value, 0) };
  }
  const place = memberOf(rowText, valueAt(rowText, 0), name);
  return place && { value, text: rowText, place };
}

function toolText(tool: unknown, source: Source, path: string): string {
  const outer = fieldsAt(tool, path);
  const isWrapped = isFields(outer.function);
  const described = isWrapped ? fieldsAt(outer.function, `${path}.function`) : outer;
  const at = isWrapped ? `${path}.function` : path;
  const inner = isWrapped ? memberOf(source.text, source.place, "function") : source.place;
  const parameters = inner && memberOf(source.text, inner, "parameters");
  const members = [
    `"name":${JSON.stringify(textAt(described.name, `${at}.name`))}`,
    `"description":${JSON.stringify(optionalTextAt(described.description, `${at}.description`) ?? "")}`,
  ];
  if (parameters && described.parameters !== null) {
    const schema = described.parameters;
    if (typeof schema === "string") parsedAt(schema, `${at}.parameters`);
    members.push(`"parameters":${schemaText(schema, source.text, parameters)}`);
  }
  return `{${members.join(",")}}`;
}

/** A schema as it was written; some data sets keep it as a string of JSON. */
function schemaText(schema: unknown, text: string, place: Place): string {
  return typeof schema === "string" ? schema : text.slice(place.start, place.end);
}

/** Upstream's namespace of functions, with these tools. */
function namespaceText(tools: readonly string[]): string {
  const namespaces = Object.entries(functionTools([])).map(([name, namespace]) => {
    const { tools: _none, ...rest } = namespace;
    const open = JSON.stringify(rest).slice(0, -1);
    return `${JSON.stringify(name)}:${open},"tools":[${tools.join(",")}]}`;
  });
  return `{${namespaces.join(",")}}`;
}
