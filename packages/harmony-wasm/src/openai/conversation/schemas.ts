/**
 * What a tool's schema means where it was not written as JSON Schema: Arrow
 * fills absent members with nulls, and some data sets use the type names of
 * other languages. Upstream renders such schemas without their parameters.
 */

import { entryOf } from "../json/fields.js";
import { elementsIn, isNull, objectOf, stringOf, type Tree } from "../json/tree.js";

/** Type names of other languages, in lower case, and JSON Schema's. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  dict: "object",
  map: "object",
  hashmap: "object",
  float: "number",
  double: "number",
  int: "integer",
  long: "integer",
  str: "string",
  bool: "boolean",
  list: "array",
  tuple: "array",
  arraylist: "array",
  set: "array",
  queue: "array",
  stack: "array",
  char: "string",
  byte: "integer",
  short: "integer",
  bigint: "integer",
  decimal: "number",
};
/** The names that JSON Schema has; other languages write them with capitals. */
const SCHEMA_TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** Whether a name is one of JSON Schema's types. */
export function isSchemaType(name: string): boolean {
  return SCHEMA_TYPES.includes(name);
}

/** Keywords whose value may be null, as far as the schema alone can say. */
const NULLABLE = new Set(["default", "const", "example"]);
/** Keywords whose value is data, in which a null is one. */
const DATA = new Set(["default", "const", "enum", "examples", "example"]);
/** Keywords whose members are named by the schema's author. */
const NAMED = new Set(["properties", "$defs", "definitions", "patternProperties"]);

/** The schema that is meant; the same tree where nothing is to be changed. */
export function meantSchema(schema: Tree): Tree {
  return withTypeNames(isFilled(schema) ? withoutNulls(schema) : schema);
}

/** Whether a schema has a null that JSON Schema does not allow, so that Arrow filled it. */
function isFilled(schema: Tree): boolean {
  if (schema.kind === "array") return schema.elements.some(isFilled);
  if (schema.kind === "scalar") return false;
  return Array.from(schema.members).some(([key, value]) => {
    if (isNull(value)) return !NULLABLE.has(key);
    return !DATA.has(key) && isFilled(value);
  });
}

function withoutNulls(schema: Tree): Tree {
  if (schema.kind === "array")
    return { kind: "array", elements: schema.elements.map(withoutNulls) };
  if (schema.kind === "scalar") return schema;
  const present = Array.from(schema.members).filter(([, value]) => !isNull(value));
  const members = present.map(
    ([key, value]) => [key, DATA.has(key) ? value : withoutNulls(value)] as const,
  );
  return { kind: "object", members: new Map(members) };
}

function withTypeNames(schema: Tree): Tree {
  if (schema.kind === "array") {
    return { kind: "array", elements: schema.elements.map(withTypeNames) };
  }
  if (schema.kind === "scalar") return schema;
  const members = Array.from(schema.members, ([key, value]): [string, Tree] => {
    if (key === "type") return [key, typeNamed(value)];
    if (DATA.has(key)) return [key, value];
    return [key, NAMED.has(key) ? eachMember(value, withTypeNames) : withTypeNames(value)];
  });
  return { kind: "object", members: new Map(members) };
}

/** A tree with each member of the object changed, whatever the members are called. */
function eachMember(tree: Tree, change: (member: Tree) => Tree): Tree {
  if (tree.kind !== "object") return tree;
  const members = Array.from(tree.members, ([key, value]) => [key, change(value)] as const);
  return { kind: "object", members: new Map(members) };
}

function typeNamed(type: Tree): Tree {
  if (type.kind === "array") return { kind: "array", elements: type.elements.map(typeNamed) };
  const name = stringOf(type)?.toLowerCase();
  if (name === undefined) return type;
  const meant = SCHEMA_TYPES.includes(name) ? name : entryOf(TYPE_NAMES, name);
  return meant === undefined ? type : { kind: "scalar", text: JSON.stringify(meant) };
}

/**
 * Arguments without the nulls that Arrow put in: those of members that the tool's schema does not
 * have, or has as optional and not nullable. If there are none, the same tree.
 */
export function meantArguments(value: Tree, schema: Tree | undefined): Tree {
  const members = objectOf(schema);
  if (value.kind === "array") {
    const items = members?.get("items");
    return { kind: "array", elements: value.elements.map((each) => meantArguments(each, items)) };
  }
  const properties = objectOf(members?.get("properties"));
  if (value.kind !== "object" || !properties || members?.has("additionalProperties")) return value;
  const required = new Set((elementsIn(members?.get("required")) ?? []).map(stringOf));
  const isPutIn = (key: string) => {
    const property = properties.get(key);
    return property === undefined || (!required.has(key) && refusesNull(property));
  };
  const meant = Array.from(value.members)
    .filter(([key, member]) => !isNull(member) || !isPutIn(key))
    .map(([key, member]) => [key, meantArguments(member, properties.get(key))] as const);
  return { kind: "object", members: new Map(meant) };
}

/** Whether null is certainly not a value of the schema: it has one type, which is another one. */
function refusesNull(schema: Tree): boolean {
  const members = objectOf(schema);
  const type = stringOf(members?.get("type"));
  if (
    type === undefined ||
    type === "null" ||
    (members?.get("default")?.kind === "scalar" && isNull(members.get("default")))
  )
    return false;
  return !members?.has("nullable") && !(elementsIn(members?.get("enum")) ?? []).some(isNull);
}
