/**
 * Reads the tools of a request or a row, in the shapes of both OpenAI protocols, MCP and Anthropic,
 * or as JSON text of any of these. The schema of each tool is copied from the text as it was
 * written.
 */

import { functionTools } from "../../index.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalFlagAt,
  optionalTextAt,
  parsedAt,
  pathOf,
  textAt,
} from "../json/fields.js";
import { elementsOf, memberOf, type Place, startOf, valueAt } from "../json/source.js";
import { textOf, treeOf } from "../json/tree.js";
import type { CustomFormat, Tool } from "../types.js";
import { checkName, checkToolName, FUNCTIONS, ToolNames } from "./names.js";
import { isArguments, meantSchema } from "./schemas.js";

/** Text whose place in another text is known. */
export interface Source {
  text: string;
  place: Place;
}

/** A tool with what only the prompt needs. */
export interface OfferedTool extends Tool {
  description: string;
  /** Its path in the request. */
  path: string;
  /** The path of its schema. */
  schemaPath: string;
  /** The tool as it was given, without its wrapper. */
  given: Fields;
}

/** Tools in groups, as the developer message has them. */
export interface Namespace {
  name: string;
  description?: string;
  tools: OfferedTool[];
}

/** Where a function's schema may be: OpenAI's field, MCP's, Anthropic's. */
const SCHEMA_FIELDS = ["parameters", "inputSchema", "input_schema"] as const;
/** Signs that a schema has to be changed. All other schemas keep their text. */
const UNUSUAL =
  /null|"type"\s*:\s*(?:\[\s*)?"(?!object"|string"|number"|integer"|boolean"|array"|null")/;
/** Kinds of functions: absent, as in MCP's and Anthropic's lists, and OpenAI's. */
const FUNCTION_TYPES = [undefined, null, "function", "custom"];

/** The functions and custom tools of a list. `other` is called for tools of other kinds. */
export function namespacesAt(
  value: unknown,
  source: Source,
  path: string,
  other: (tool: Fields, path: string) => void,
): Namespace[] {
  const namespaces: Namespace[] = [];
  const recipients = new Set<string>();
  const add = (name: string, tool: OfferedTool, description?: string) => {
    if (recipients.has(tool.recipient)) throw sameName(tool);
    recipients.add(tool.recipient);
    const known = namespaces.find((each) => each.name === name);
    const space: Namespace = known ?? { name, tools: [] };
    if (!known) namespaces.push(space);
    if (description !== undefined) space.description = description;
    space.tools.push(tool);
  };
  const places = elementsOf(source.text, source.place);
  arrayAt(value, path).forEach((given, index) => {
    const at = `${path}[${index}]`;
    const tool = fieldsIn(given, { text: source.text, place: places[index] ?? source.place }, at);
    if (tool.fields.type === "namespace") addNamespace(tool, at, add);
    else if (FUNCTION_TYPES.some((type) => type === tool.fields.type)) {
      add(FUNCTIONS, toolAt(tool, at, undefined));
    } else other(tool.fields, at);
  });
  return namespaces;
}

/** The refusal of a second tool of one name: a call could mean either. */
function sameName({ name, path }: OfferedTool): RequestError {
  const message = `expected tools of different names, got ${JSON.stringify(name)} again`;
  return new RequestError("invalid_conversation", message, `${path}.name`);
}

/** The list of tools of a Chat Completions request or row. */
export interface ToolList extends Source {
  name: "tools" | "functions";
  value: unknown;
}

/** Finds the tools of a Chat Completions request or row, under `tools` or the older `functions`. */
export function toolListOf(fields: Fields, text: string): ToolList | undefined {
  const [tools, functions] = ["tools", "functions"].map((name) => sourceOf(fields, name, text));
  if (tools && functions && isFilled(tools.value) && isFilled(functions.value)) {
    const message = "expected tools or functions, got both";
    throw new RequestError("invalid_conversation", message, "functions");
  }
  const source = tools && isFilled(tools.value) ? tools : (functions ?? tools);
  return source && { ...source, name: source === functions ? "functions" : "tools" };
}

/** Reads the tools that {@link toolListOf} finds. */
export function chatTools(
  list: ToolList | undefined,
  unsupported: (message: string, path: string) => void,
): Namespace[] {
  if (!list) return [];
  return namespacesAt(list.value, list, list.name, ({ type }, path) => {
    const message = `expected a function or a custom tool, got type ${JSON.stringify(type)}`;
    unsupported(message, `${path}.type`);
  });
}

function isFilled(value: unknown): boolean {
  return !Array.isArray(value) || value.length > 0;
}

/** The names of the tools in these namespaces. */
export function toolNamesOf(namespaces: readonly Namespace[]): ToolNames {
  const tools = namespaces.flatMap((space) => space.tools);
  return new ToolNames(new Map(tools.map((tool) => [tool.recipient, tool])));
}

/** The value of a `tools` field and where it is: in the text, or in a string of its own. */
export function sourceOf(
  fields: Fields,
  name: string,
  text: string,
): (Source & { value: unknown }) | undefined {
  const value = fields[name];
  if (!isPresent(value) || value === "") return undefined;
  if (typeof value === "string") {
    const list = parsedAt(value, name);
    return isPresent(list) ? { value: list, text: value, place: valueAt(value, 0) } : undefined;
  }
  const place = memberOf(text, startOf(text), name);
  return place && { value, text, place };
}

/** The `tools` of a developer message, as JSON text; undefined without tools. */
export function toolsText(namespaces: readonly Namespace[]): string | undefined {
  if (namespaces.length === 0) return undefined;
  const texts = namespaces.map(({ name, description, tools }) => {
    const head = name === FUNCTIONS ? functionTools([])[name] : { name, description };
    const { tools: _none, ...rest } = { tools: [], ...head };
    const open = JSON.stringify(rest).slice(0, -1);
    return `${JSON.stringify(name)}:${open},"tools":[${tools.map(toolText).join(",")}]}`;
  });
  return `{${texts.join(",")}}`;
}

function toolText({ name, description, parameters }: OfferedTool): string {
  const members = [
    `"name":${JSON.stringify(name)}`,
    `"description":${JSON.stringify(description)}`,
  ];
  if (parameters !== undefined) members.push(`"parameters":${parameters}`);
  return `{${members.join(",")}}`;
}

/** An object and its text; some data sets keep it as a string of JSON. */
interface Placed extends Source {
  fields: Fields;
}

function fieldsIn(given: unknown, source: Source, path: string): Placed {
  if (typeof given !== "string") return { fields: fieldsAt(given, path), ...source };
  const fields = fieldsAt(parsedAt(given, path), path);
  return { fields, text: given, place: valueAt(given, 0) };
}

function addNamespace(
  { fields, text, place }: Placed,
  path: string,
  add: (name: string, tool: OfferedTool, description?: string) => void,
): void {
  const name = textAt(fields.name, `${path}.name`);
  checkName(name, `${path}.name`);
  const list = memberOf(text, place, "tools");
  const places = list ? elementsOf(text, list) : [];
  const description = optionalTextAt(fields.description, `${path}.description`);
  arrayAt(fields.tools, `${path}.tools`).forEach((given, index) => {
    const at = `${path}.tools[${index}]`;
    const tool = fieldsIn(given, { text, place: places[index] ?? place }, at);
    add(name, toolAt(tool, at, name), description);
  });
}

function toolAt({ fields, text, place }: Placed, path: string, namespace?: string): OfferedTool {
  const type = fields.type === "custom" ? "custom" : "function";
  const isWrapped = isFields(fields[type]);
  const inner = isWrapped ? fieldsAt(fields[type], pathOf(path, type)) : fields;
  const at = isWrapped ? pathOf(path, type) : path;
  const innerPlace = (isWrapped ? memberOf(text, place, type) : undefined) ?? place;
  const name = textAt(inner.name, `${at}.name`);
  checkToolName(name, namespace ?? FUNCTIONS, `${at}.name`);
  const described = {
    recipient: `${namespace ?? FUNCTIONS}.${name}`,
    name,
    ...(namespace !== undefined && { namespace }),
    description: optionalTextAt(inner.description, `${at}.description`) ?? "",
    path: at,
    schemaPath: at,
    given: inner,
  };
  if (type === "custom") return { ...described, ...customOf(inner, at) };
  const schema = schemaAt(inner, { text, place: innerPlace }, at);
  const strict = optionalFlagAt(inner.strict, `${at}.strict`) ?? false;
  return {
    ...described,
    type,
    strict,
    ...schema,
  };
}

/** A custom tool's input is text. A schema that says so renders as OpenAI's own server has it. */
function customOf(tool: Fields, path: string) {
  const parameters = '{"type":"string"}';
  const format = formatAt(tool.format, `${path}.format`);
  return { type: "custom" as const, strict: false, parameters, ...(format && { format }) };
}

function formatAt(value: unknown, path: string): CustomFormat | undefined {
  if (!isPresent(value)) return undefined;
  const outer = fieldsAt(value, path);
  if (outer.type === "text") return undefined;
  const fields = isFields(outer.grammar) ? outer.grammar : outer;
  const { syntax } = fields;
  if (outer.type !== "grammar" || (syntax !== "lark" && syntax !== "regex")) {
    const message = "expected the format text, or a grammar in the syntax lark or regex";
    throw new RequestError("unsupported_value", message, path);
  }
  return { type: "grammar", syntax, definition: textAt(fields.definition, `${path}.definition`) };
}

function schemaAt(
  tool: Fields,
  { text, place }: Source,
  path: string,
): { parameters: string; schemaPath: string } | undefined {
  const present = SCHEMA_FIELDS.filter((field) => isPresent(tool[field]) && tool[field] !== "");
  const [field, other] = present;
  if (field === undefined) return undefined;
  if (other !== undefined) {
    const message = `expected one schema, got ${field} and ${other}`;
    throw new RequestError("invalid_conversation", message, `${path}.${other}`);
  }
  const value = tool[field];
  const schemaPath = `${path}.${field}`;
  if (typeof value === "string") {
    const schema = fieldsAt(parsedAt(value, schemaPath), schemaPath);
    return { parameters: meantText(value, schema), schemaPath };
  }
  const schema = fieldsAt(value, schemaPath);
  const at = memberOf(text, place, field);
  return at && { parameters: meantText(text.slice(at.start, at.end), schema), schemaPath };
}

function meantText(text: string, schema: Fields): string {
  const areArguments = isArguments(schema);
  if (!areArguments && !UNUSUAL.test(text)) return text;
  return textOf(meantSchema(treeOf(text), areArguments));
}
