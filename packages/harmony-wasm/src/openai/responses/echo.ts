/** The fields of a response that repeat its request, in the API's own form and with its defaults. */

import { type Fields, isFields, isPresent } from "../json/fields.js";
import type { Prompt } from "../types.js";
import type { EchoedRequest, EchoedTool, EchoedToolChoice, TextFormat } from "../wire/responses.js";

/** The fields, from a request that has been read. */
export function echoOf({ request, parallelToolCalls }: Prompt): EchoedRequest {
  const body: Fields = request.body;
  const user = textOf(body.user);
  return {
    access_programs: null,
    instructions: textOf(body.instructions) ?? null,
    metadata: metadataOf(body.metadata),
    parallel_tool_calls: parallelToolCalls,
    temperature: numberOf(body.temperature),
    top_p: numberOf(body.top_p),
    max_output_tokens: numberOf(body.max_output_tokens),
    tool_choice: toolChoiceOf(body.tool_choice),
    tools: toolsOf(body.tools),
    text: textFieldOf(body.text),
    reasoning: reasoningOf(body.reasoning),
    store: body.store !== false,
    truncation: body.truncation === "auto" ? "auto" : "disabled",
    ...(user !== undefined && { user }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function metadataOf(value: unknown): Record<string, string> | null {
  if (!isFields(value)) return null;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, textOf(each) ?? JSON.stringify(each)]),
  );
}

function reasoningOf(value: unknown): EchoedRequest["reasoning"] {
  const fields = isFields(value) ? value : {};
  return {
    effort: oneOf(EFFORTS, fields.effort) ?? null,
    summary: oneOf(SUMMARIES, fields.summary) ?? null,
  };
}

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const SUMMARIES = ["auto", "concise", "detailed"] as const;
const VERBOSITIES = ["low", "medium", "high"] as const;

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((each) => each === value);
}

function textFieldOf(value: unknown): EchoedRequest["text"] {
  const fields = isFields(value) ? value : {};
  const verbosity = oneOf(VERBOSITIES, fields.verbosity);
  return { format: formatOf(fields.format), ...(verbosity !== undefined && { verbosity }) };
}

function formatOf(value: unknown): TextFormat {
  const outer = isFields(value) ? value : {};
  if (outer.type === "json_object") return { type: "json_object" };
  if (outer.type !== "json_schema") return { type: "text" };
  const fields = isFields(outer.json_schema) ? outer.json_schema : outer;
  return {
    type: "json_schema",
    name: textOf(fields.name) ?? "response",
    schema: isFields(fields.schema) ? fields.schema : {},
    strict: fields.strict === true,
    ...described(fields),
  };
}

function described({ description }: Fields): { description?: string } {
  return typeof description === "string" ? { description } : {};
}

function toolChoiceOf(value: unknown): EchoedToolChoice {
  if (value === "none" || value === "required") return value;
  if (!isFields(value)) return "auto";
  if (value.type === "allowed_tools") {
    const fields = isFields(value.allowed_tools) ? value.allowed_tools : value;
    const tools = Array.isArray(fields.tools) ? fields.tools.filter(isFields) : [];
    const mode = fields.mode === "required" ? "required" : "auto";
    return { type: "allowed_tools", mode, tools };
  }
  const type = value.type === "custom" ? "custom" : "function";
  const inner = isFields(value[type]) ? value[type] : value;
  return { type, name: textOf(inner.name) ?? "" };
}

/** The tools that are offered; a list as JSON text is read as one. */
function toolsOf(value: unknown): EchoedTool[] {
  const list: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(list) ? list.flatMap((each) => toolOf(parsed(each))) : [];
}

function parsed(tool: unknown): unknown {
  return typeof tool === "string" ? JSON.parse(tool) : tool;
}

function toolOf(tool: unknown): EchoedTool[] {
  if (!isFields(tool)) return [];
  const { type } = tool;
  if (type === "code_interpreter") return [{ type, container: { type: "auto" } }];
  if (type === "web_search" || type === "web_search_2025_08_26") return [{ type }];
  if (type === "web_search_preview" || type === "web_search_preview_2025_03_11") return [{ type }];
  if (type === "namespace") {
    const tools = (Array.isArray(tool.tools) ? tool.tools : []).flatMap(innerTool);
    const description = textOf(tool.description) ?? "";
    return [{ type, name: textOf(tool.name) ?? "", description, tools }];
  }
  return isCallable(type) ? innerTool(tool) : [];
}

/** Whether a tool is a function or a custom tool: MCP's and Anthropic's lists have no type. */
function isCallable(type: unknown): boolean {
  return type === undefined || type === null || type === "function" || type === "custom";
}

function innerTool(given: unknown): (EchoedTool & { type: "function" | "custom" })[] {
  const tool = parsed(given);
  if (!isFields(tool)) return [];
  const inner = [tool.function, tool.custom].find(isFields) ?? tool;
  const name = textOf(inner.name) ?? "";
  if (tool.type === "custom") return [{ type: "custom", name, ...described(inner) }];
  const schemas = [inner.parameters, inner.inputSchema, inner.input_schema];
  const schema = schemas.find((each) => isPresent(each) && each !== "");
  const parameters: unknown = typeof schema === "string" ? JSON.parse(schema) : schema;
  return [
    {
      type: "function",
      name,
      ...described(inner),
      parameters: isFields(parameters) ? parameters : null,
      strict: inner.strict === true,
    },
  ];
}
