/**
 * Reads type names of other languages as JSON Schema: `float`, `List[str]`, `int | None`. Names
 * whose meaning is not certain are not read.
 */

import { entryOf } from "../json/fields.js";
import { arrayTree, objectTree, scalarTree, stringOf, type Tree } from "../json/tree.js";

/** The names that JSON Schema has; other languages write them with capitals. */
const SCHEMA_TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"];
/** Other names, in lower case, and JSON Schema's. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  dict: "object",
  dictionary: "object",
  map: "object",
  mapping: "object",
  hashmap: "object",
  float: "number",
  double: "number",
  int: "integer",
  long: "integer",
  str: "string",
  text: "string",
  bool: "boolean",
  none: "null",
  nonetype: "null",
  list: "array",
  sequence: "array",
  iterable: "array",
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
  // No name of JSON Schema, but upstream renders it as what it means.
  any: "any",
};
/** A name with arguments, `List[str]`. */
const GENERIC = /^(?:typing\.)?(\w+)\[(.*)\]$/s;
/** What some data sets append to the type of an argument that may be left out. */
const OPTIONAL = /\s*(?:,\s*optional|\(optional\))\s*$/i;

/** Whether a name is one of JSON Schema's types. */
export function isSchemaType(name: string): boolean {
  return SCHEMA_TYPES.includes(name);
}

/** Whether a type says that its argument may be left out: `str, optional`, `Optional[str]`. */
export function isOptionalType(name: string): boolean {
  return OPTIONAL.test(name) || /^(?:typing\.)?optional\[/i.test(name.trim());
}

/** The members of a schema of this type; undefined if no language certainly means something by it. */
export function typeMembers(name: string): Map<string, Tree> | undefined {
  return membersOf(name.replace(OPTIONAL, ""));
}

function membersOf(given: string): Map<string, Tree> | undefined {
  const name = given.trim();
  const alternatives = splitAt("|", name);
  if (alternatives.length > 1) return unionOf(alternatives);
  if (name.endsWith("[]")) return listOf("array", [name.slice(0, -2)]);
  const [, outer, inner] = GENERIC.exec(name) ?? [];
  if (outer === undefined || inner === undefined) {
    const type = typeNamed(name);
    return type === undefined ? undefined : new Map([["type", scalarTree(type)]]);
  }
  const inside = splitAt(",", inner);
  if (/^optional$/i.test(outer)) return unionOf([...inside, "None"]);
  if (/^union$/i.test(outer)) return unionOf(inside);
  return listOf(typeNamed(outer), inside);
}

/** An array of elements of one type, or an object: JSON Schema's names have no arguments. */
function listOf(
  type: string | undefined,
  inside: readonly string[],
): Map<string, Tree> | undefined {
  if (type !== "array" && type !== "object") return undefined;
  const members = new Map([["type", scalarTree(type)]]);
  const [element, other] = inside;
  if (type === "object" || element === undefined || other !== undefined) return members;
  if (/^(?:typing\.)?any$/i.test(element.trim())) return members;
  const items = membersOf(element);
  return items && members.set("items", objectTree(items));
}

/** Types that are one name each, as a list of names. */
function unionOf(names: readonly string[]): Map<string, Tree> | undefined {
  const types: string[] = [];
  let items: Tree | undefined;
  for (const name of names) {
    const members = membersOf(name);
    const type = members && stringOf(members.get("type"));
    if (type === undefined) return undefined;
    if (!types.includes(type)) types.push(type);
    items ??= members?.get("items");
  }
  const [only, other] = types;
  const type = other === undefined && only !== undefined ? scalarTree(only) : namesTree(types);
  return new Map([["type", type], ...(items ? [["items", items] as const] : [])]);
}

function namesTree(names: readonly string[]): Tree {
  return arrayTree(names.map((name) => scalarTree(name)));
}

/** JSON Schema's name of a type. */
function typeNamed(given: string): string | undefined {
  const name = given.toLowerCase();
  return SCHEMA_TYPES.includes(name) ? name : entryOf(TYPE_NAMES, name);
}

/** The parts of a text between separators that are not inside brackets. */
function splitAt(separator: string, text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "[") depth += 1;
    if (character === "]") depth -= 1;
    if (character === separator && depth === 0) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${character}`);
  }
  return parts;
}
