/** The content of a message: text, or parts that are text. Images have no tokens here. */

import { RequestError } from "../errors.js";
import { entryOf, type Fields, fieldsAt, isFields, isPresent, textAt } from "../json/fields.js";

/** Harmony's content: one text, or several in order. */
export type TextContent = string | { type: "text"; text: string }[];

/** The kinds of parts that hold text, and the field in which they hold it. */
const TEXT_FIELDS: Readonly<Record<string, string>> = {
  text: "text",
  input_text: "text",
  output_text: "text",
  refusal: "refusal",
};

/**
 * The kinds of parts that hold what no tokens exist for, and the field that makes them one: OpenAI's,
 * Anthropic's, MCP's (`image` and `audio` with `data`) and those of the AI SDK.
 */
const MEDIA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  image_url: ["image_url"],
  input_image: ["image_url", "file_id"],
  image: ["image", "source", "url", "data"],
  input_audio: ["input_audio"],
  audio: ["audio", "audio_url", "data"],
  file: ["file"],
  input_file: ["file_id", "file_data", "file_url", "filename"],
  video: ["video", "video_url"],
  media: ["data"],
  "image-data": ["data"],
  "image-url": ["url"],
  "file-data": ["data"],
  "file-url": ["url"],
};

/** Kinds of parts that are fields of a message of their own. */
const FIELDS: Readonly<Record<string, string>> = {
  tool_use: "a call belongs to tool_calls",
  tool_call: "a call belongs to tool_calls",
  function_call: "a call belongs to tool_calls",
  tool_result: "a result is a message of role tool",
  tool_response: "a result is a message of role tool",
};

/** The content. An absent one, null and an empty list are undefined. */
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

/**
 * The text of a tool's result, or undefined where it is data: text, or parts
 * that are text alone. A list of anything else is the tool's own JSON.
 */
export function resultTextAt(value: unknown, path: string): TextContent | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  for (const [index, part] of value.entries()) refuseMedia(part, `${path}[${index}]`);
  const isText = value.length > 0 && value.every((part) => isFields(part) && fieldOf(part));
  return isText ? contentAt(value, path) : undefined;
}

function fieldOf(fields: Fields): string | undefined {
  const field = entryOf(TEXT_FIELDS, fields.type);
  return field !== undefined && typeof fields[field] === "string" ? field : undefined;
}

function partText(part: unknown, path: string): string {
  if (typeof part === "string") return part;
  const fields = fieldsAt(part, path);
  const field = entryOf(TEXT_FIELDS, fields.type);
  if (field === undefined) throw unsupported(fields, path);
  return textAt(fields[field], `${path}.${field}`);
}

function refuseMedia(part: unknown, path: string): void {
  if (!isFields(part)) return;
  const media = entryOf(MEDIA_FIELDS, part.type);
  const isMedia = media?.some((field) => isPresent(part[field])) || isBinaryResource(part);
  if (isMedia) throw unsupported(part, path);
}

/** MCP's embedded resource of bytes; one of text is JSON like any other. */
function isBinaryResource({ type, resource }: Fields): boolean {
  return type === "resource" && isFields(resource) && isPresent(resource.blob);
}

function unsupported(fields: Fields, path: string): RequestError {
  const type = fields.type === undefined ? "no type" : `type ${JSON.stringify(fields.type)}`;
  const why = entryOf(FIELDS, fields.type) ?? "it has no tokens in the harmony format";
  const message = `expected a part of text, got one of ${type}: ${why}`;
  return new RequestError("unsupported_content", message, `${path}.type`);
}
