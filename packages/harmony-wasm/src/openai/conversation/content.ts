/** The content of a message: text, or parts that are text. Images have no tokens here. */

import { RequestError } from "../errors.js";
import { fieldsAt, textAt } from "../json/fields.js";

/** Harmony's content: one text, or several in order. */
export type TextContent = string | { type: "text"; text: string }[];

/** The kinds of parts that hold text, and the field in which they hold it. */
const TEXT_FIELDS: Readonly<Record<string, string>> = {
  text: "text",
  input_text: "text",
  output_text: "text",
  refusal: "refusal",
};

/** The content, or undefined for what is absent, null or an empty list. */
export function contentAt(value: unknown, path: string): TextContent | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return textAt(value, path);
  if (value.length === 0) return undefined;
  return value.map((part, index) => ({ type: "text", text: partText(part, `${path}[${index}]`) }));
}

/** The content as one text. */
export function joinedText(content: TextContent): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

function partText(part: unknown, path: string): string {
  if (typeof part === "string") return part;
  const fields = fieldsAt(part, path);
  const field = typeof fields.type === "string" ? TEXT_FIELDS[fields.type] : undefined;
  if (field === undefined) {
    const type = JSON.stringify(fields.type) ?? "absent";
    throw new RequestError(
      "unsupported_content",
      `a part of type ${type} has no tokens in the harmony format`,
      `${path}.type`,
    );
  }
  return textAt(fields[field], `${path}.${field}`);
}
