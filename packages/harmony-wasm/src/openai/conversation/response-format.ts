/**
 * The form that an answer must have: the section of the developer message that
 * says it, as upstream's guide writes it, and the constraint for the backend.
 */

import { RequestError } from "../errors.js";
import {
  type Fields,
  fieldsAt,
  isPresent,
  kindOf,
  optionalFlagAt,
  optionalTextAt,
} from "../json/fields.js";
import { memberOf, type Place } from "../json/source.js";
import { textOf, treeOf } from "../json/tree.js";
import type { AnswerFormat } from "../types.js";

/** A form, and the text of the prompt that says it. */
export interface ResponseFormat {
  answer: AnswerFormat;
  /** Absent for `json_object`, for which the guide has no text. */
  section?: string;
}

/** The field of Chat Completions, whose schema is in an object of its own. */
const WRAPPING = "response_format";

/**
 * Chat's `response_format`, whose schema is one level further in, or Responses' `text.format`. The
 * API's `json_schema` may have no schema: then any object will do, if `ignored` takes note of it.
 */
export function responseFormatAt(
  value: unknown,
  text: string,
  place: Place | undefined,
  path: string,
  ignored?: (message: string, path: string) => void,
): ResponseFormat | undefined {
  if (!isPresent(value)) return undefined;
  const outer = fieldsAt(value, path);
  if (outer.type === "text") return undefined;
  if (outer.type === "json_object") return { answer: { type: "json_object" } };
  if (outer.type !== "json_schema") {
    const message = `expected text, json_object or json_schema, got ${JSON.stringify(outer.type) ?? "nothing"}`;
    throw new RequestError("unsupported_value", message, `${path}.type`);
  }
  // Rows of data have the schema in either place.
  const isWrapped = isPresent(outer.json_schema) || (path === WRAPPING && !isPresent(outer.schema));
  const at = isWrapped ? `${path}.json_schema` : path;
  const fields = isWrapped ? fieldsAt(outer.json_schema ?? {}, at) : outer;
  if (ignored && isWrapped && isPresent(fields.name) && !isPresent(fields.schema)) {
    ignored("a json_schema without a schema asks for any JSON object", at);
    return { answer: { type: "json_object" } };
  }
  const inner = isWrapped && place ? memberOf(text, place, "json_schema") : place;
  return schemaFormat(fields, schemaText(fields, text, inner, at), at);
}

function schemaText(fields: Fields, text: string, place: Place | undefined, path: string): string {
  const at = place && memberOf(text, place, "schema");
  if (!isPresent(fields.schema) || !at) {
    const message = `expected a schema, got ${kindOf(fields.schema)}`;
    throw new RequestError("invalid_conversation", message, `${path}.schema`);
  }
  return textOf(treeOf(text, at));
}

function schemaFormat(fields: Fields, schema: string, path: string): ResponseFormat {
  // Data sets leave the name out; the API requires one.
  const name = optionalTextAt(fields.name, `${path}.name`) ?? "response";
  const description = optionalTextAt(fields.description, `${path}.description`);
  const strict = optionalFlagAt(fields.strict, `${path}.strict`) ?? false;
  const comment = description === undefined ? "" : `// ${description.replaceAll("\n", "\n// ")}\n`;
  return {
    answer: { type: "json_schema", name, schema, strict },
    section: `# Response Formats\n\n## ${name}\n\n${comment}${schema}`,
  };
}
