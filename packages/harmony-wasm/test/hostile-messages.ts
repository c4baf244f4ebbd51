/**
 * Hostile messages and conversations, as rows of hostile-values.ts. Each message is
 * tested alone, and as the second message of a conversation.
 */

import { lone, type Row, wrong } from "./hostile-values.js";

const text = { type: "text", text: "x" };
const user = (content: unknown) => ({ role: "user", content });
const system = (fields: object) => {
  return { role: "system", content: [{ type: "system_content", ...fields }] };
};
const developer = (fields: object) => {
  return { role: "developer", content: [{ type: "developer_content", ...fields }] };
};
const namespace = (fields: object, name = "f") => developer({ tools: { [name]: fields } });
const tool = (fields: object, name = "f") => namespace({ name: "f", tools: [fields] }, name);
const schema = (parameters: unknown) => tool({ name: "g", description: "", parameters });
const SCHEMA = ".content[0].tools.f.tools[0].parameters";

/** A row for a value that does not fit upstream's types, at `path`. */
const misfit = (what: string, value: unknown, says: string, path: string): Row => {
  return [what, value, "invalid_conversation", says, path];
};

/** Messages that upstream's reader refuses, tested as objects and as JSON text. */
const MISFITS: readonly Row[] = [
  ["an unknown role", { role: "bot", content: "" }, "unknown_role", "variant `bot`", "role"],
  ["a role in capitals", { role: "User", content: "" }, "unknown_role", "variant `User`", "role"],
  misfit("no role", { content: "" }, "missing field `role`", "role"),
  misfit("role 7", { role: 7, content: "" }, "invalid type: integer `7`", "role"),
  misfit("role null", { role: null, content: "" }, "invalid type: null", "role"),
  misfit("no content", { role: "user" }, "missing field `content`", "content"),
  misfit("no fields", {}, "missing field `content`", "content"),
  misfit("content 7", user(7), "integer `7`, expected string or list of content", "content"),
  misfit("content null", user(null), "invalid type: null", "content"),
  misfit("content {}", user({}), "invalid type: map", "content"),
  misfit("content [7]", user([7]), "integer `7`, expected internally tagged", "content[0]"),
  misfit("no type", user([{}]), "missing field `type`", "content[0].type"),
  misfit("type 7", user([{ type: 7 }]), "invalid type: integer `7`", "content[0].type"),
  misfit("type image", user([{ type: "image" }]), "unknown variant `image`", "content[0].type"),
  misfit("no text", user([{ type: "text" }]), "missing field `text`", "content[0].text"),
  misfit("text 7", user([text, { ...text, text: 7 }]), "integer `7`", "content[1].text"),
  misfit("name 7", { ...user(""), name: 7 }, "integer `7`, expected a string", "name"),
  misfit("recipient 7", { ...user(""), recipient: 7 }, "integer `7`", "recipient"),
  misfit("channel []", { ...user(""), channel: [] }, "sequence, expected a string", "channel"),
  misfit("content_type {}", { ...user(""), content_type: {} }, "invalid type: map", "content_type"),
  misfit("identity 7", system({ model_identity: 7 }), "integer `7`", "content[0].model_identity"),
  misfit("date []", system({ knowledge_cutoff: [] }), "sequence", "content[0].knowledge_cutoff"),
  misfit(
    "an unknown reasoning effort",
    system({ reasoning_effort: "Max" }),
    "unknown variant `Max`, expected one of `Low`, `Medium`, `High`",
    "content[0].reasoning_effort",
  ),
  misfit(
    "a channel that is a number",
    system({ channel_config: { valid_channels: ["final", 7], channel_required: true } }),
    "invalid type: integer `7`, expected a string",
    "content[0].channel_config.valid_channels[1]",
  ),
  misfit("instructions 7", developer({ instructions: 7 }), "`7`", "content[0].instructions"),
  misfit("tools []", developer({ tools: [] }), "sequence, expected a map", "content[0].tools"),
  misfit("no tools", namespace({ name: "f" }), "field `tools`", "content[0].tools.f.tools"),
  misfit(
    "a tool's description of a wrong type",
    tool({ name: "g", description: 7 }, "my tools"),
    "invalid type: integer `7`, expected a string",
    'content[0].tools["my tools"].tools[0].description',
  ),
  ["system content of a user", user(system({}).content), "render_failed", "found in User", ""],
  ["developer content of a user", user(developer({}).content), "render_failed", "in User", ""],
  ["a developer's of the system", { ...developer({}), role: "system" }, "render_failed", "Sys", ""],
  ["a tool without name", { ...user(""), role: "tool" }, "render_failed", "should have a name", ""],
  ["150 levels", schema(levels(150)), "too_deep", "recursion limit exceeded"],
];

function levels(count: number): object {
  let value: object = {};
  for (let level = 1; level < count; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
}

/** A message from which `length` fields lead back to it. */
function cycle(length: number): object {
  const start = { ...user(""), next: {} };
  let last: { next: object } = start;
  for (let at = 1; at < length; at += 1) {
    const added = { next: {} };
    last.next = added;
    last = added;
  }
  last.next = start;
  return start;
}

function cyclicArray(): object {
  const content: unknown[] = [];
  content.push([[content]]);
  return user(content);
}

const emptyToJson = Object.create({ toJSON: () => undefined }, {});

/** A row for a value that is not JSON data, at `path`. */
const noData = (what: string, value: unknown, path: string, shown: string): Row => {
  return [what, value, "TypeError", `"$${path}" expected JSON data, got ${shown}`];
};

/** Values that JSON cannot carry. */
const NO_JSON: readonly Row[] = [
  noData("undefined in an array", user([undefined]), ".content[0]", "undefined"),
  noData("a hole in an array", user(new Array(1)), ".content[0]", "undefined"),
  noData("a function", user(Object), ".content", "a function"),
  noData("a symbol", user(Symbol("s")), ".content", "Symbol(s)"),
  noData("a bigint", user(7n), ".content", "7n"),
  noData("a Map", user(new Map()), ".content", "an object (Map)"),
  noData("a Date", user([new Date(0)]), ".content[0]", "an object (Date)"),
  noData("a String", user(Object("x")), ".content", "an object (String)"),
  noData("a bigint deep down", schema({ "a b": 7n }), `${SCHEMA}["a b"]`, "7n"),
  noData("a toJSON without a result", emptyToJson, "", "an object (Object) with toJSON, which"),
  noData(
    "a field with a long place",
    schema({ properties: { city: { default: 7n } } }),
    `${SCHEMA}.properties.city.default`,
    "7n",
  ),
  ["a NaN", schema({ a: NaN }), "RangeError", `"$${SCHEMA}.a" expected a finite number, got NaN`],
  ["an Infinity", schema([Infinity]), "RangeError", `"$${SCHEMA}[0]" expected a finite number`],
  ["an object that is its own field", cycle(1), "TypeError", "is cyclic"],
  ["an array that holds itself", cyclicArray(), "TypeError", "is cyclic"],
  ["a cycle of 100 objects", cycle(100), "TypeError", "is cyclic"],
  ["a cycle of 1,000 objects", cycle(1000), "too_deep", "is nested deeper than 256 levels"],
  ["300 levels", schema(levels(300)), "too_deep", "is nested deeper than 256 levels"],
  ["100,000 levels", schema(levels(100_000)), "too_deep", "is nested deeper than 256 levels"],
  ...lone(".content", user),
  ...lone(`${SCHEMA}.a`, (text) => schema({ a: text })),
  ...lone(
    (text) => `[${JSON.stringify(text)}]`,
    (text) => ({ ...user(""), [text]: 7 }),
  ),
  ...lone(
    (text) => `${SCHEMA}[${JSON.stringify(text)}]`,
    (text) => schema({ [text]: 7 }),
  ),
];

/** Text that is not JSON, or too deep for a recursive reader. */
const BROKEN_TEXT: readonly Row[] = [
  ["the empty text", "", "invalid_json", "invalid $ JSON: EOF while parsing a value"],
  ["an open object", '{"role":', "invalid_json", "invalid $ JSON: EOF while parsing a value"],
  ["no JSON at all", "nope", "invalid_json", "invalid $ JSON: expected ident"],
  ["a byte order mark", "\ufeff{}", "invalid_json", "invalid $ JSON: expected value"],
  ["single quotes", "{'role': 1}", "invalid_json", "invalid $ JSON: key must be a string"],
  ["JSON of a number", "7", "invalid_conversation", "invalid $ JSON: invalid type: integer", ""],
  ["JSON null", "null", "invalid_conversation", "invalid $ JSON: invalid type: null", ""],
  ...lone(""),
];

const NEITHER = ["an array", "an object (Object)"];
const TAGGED = ["Map", "Date", "String"].map((tag) => `an object (${tag})`);
const NO_DATA: readonly Row[] = [
  ...wrong("an object or JSON text", '"7"', ...NEITHER, ...TAGGED),
  ...wrong("JSON data").filter(([what]) => TAGGED.includes(what)),
];

const asText = ([what, value, ...error]: Row): Row => {
  return [`${what}, as text`, JSON.stringify(value), ...error];
};
const second = ([what, value, error, says, where]: Row): Row => {
  const given = { messages: [user("hi"), value] };
  const said = says.replace("$", "$$.messages[1]");
  if (where === undefined) return [what, given, error, said];
  return [what, given, error, said, where ? `messages[1].${where}` : "messages[1]"];
};

const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
const BROKEN_FIELDS: readonly Row[] = [
  ["a lone surrogate, escaped", '"\\ud800"', "invalid_json", "unexpected end of hex escape"],
  ["a number too large", "1e999", "invalid_json", "invalid $ JSON: number out of range"],
  ["text of 100,000 levels", DEEP, "too_deep", "invalid $ JSON: recursion limit exceeded"],
];
const inText = (before: string, after: string): Row[] => {
  return BROKEN_FIELDS.map(([what, field, ...error]) => {
    return [what, `${before}{"role":"user","x":${field}}${after}`, ...error];
  });
};

export const MESSAGE: readonly Row[] = [
  ...NO_DATA,
  ...BROKEN_TEXT,
  ["an array", [], "invalid_conversation", "invalid type: sequence, expected struct Message", ""],
  ...inText("", ""),
  ...NO_JSON,
  ...MISFITS,
  ...MISFITS.map(asText),
];
const NO_MESSAGES: readonly Row[] = [
  ["no messages", {}, "invalid_conversation", "missing field `messages`", "messages"],
  ["messages null", { messages: null }, "invalid_conversation", "type: null", "messages"],
  ["messages {}", { messages: {} }, "invalid_conversation", "invalid type: map", "messages"],
  ["null for a message", [null], "invalid_conversation", "invalid type: null", "messages[0]"],
  ["7 for a message", { messages: [7] }, "invalid_conversation", "integer `7`", "messages[0]"],
  ["text for a message", ["x"], "invalid_conversation", 'string "x"', "messages[0]"],
  ["[] for a message", [user(""), []], "invalid_conversation", "sequence", "messages[1]"],
];
const withToJson = Object.assign([], { toJSON: () => [user("hi")] });
const dropped = { ...user(system({}).content), role: "assistant", channel: "analysis" };
const answer = { role: "assistant", channel: "final", content: "x" };
export const CONVERSATION: readonly Row[] = [
  ...NO_DATA,
  ...BROKEN_TEXT,
  noData("undefined for a message", [undefined], "[0]", "undefined"),
  ...inText("[", "]"),
  ["an array's toJSON", withToJson, "TypeError", '"$" expected JSON data, got an array'],
  ...NO_MESSAGES,
  ...NO_MESSAGES.map(asText),
  ...[...NO_JSON, ...MISFITS].map(second),
  ...MISFITS.map(second).map(asText),
];
/** The first message would be refused but is dropped; the second is rendered and refused. */
export const DROPPED: Row = [
  "a refusal after a dropped message",
  [dropped, user(developer({}).content), answer],
  "render_failed",
  "DeveloperContent may only appear in developer messages, found in User",
  "messages[1]",
];
