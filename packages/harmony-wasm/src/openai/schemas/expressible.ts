/**
 * Which parts of a JSON Schema upstream renders. It reads `type`, `enum` of
 * strings, `properties`, `required`, `items`, `oneOf` and `nullable`; a schema
 * that says its type in any other way becomes `any`. The tests compare this
 * with renders.
 */

import { elementsIn, isFalse, isTrue, objectOf, stringOf, type Tree } from "../json/tree.js";

/** Types that upstream renders by their name. */
const SCALARS = ["string", "number", "integer", "boolean"];
/** Keywords that describe a value without restricting it. */
const ANNOTATIONS = new Set([
  "title",
  "description",
  "default",
  "example",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "nullable",
]);
/** Keywords that belong to the document and not to the value. */
const DOCUMENT = new Set([
  "$schema",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "$comment",
  "$defs",
  "definitions",
  "discriminator",
]);

/** Whether a keyword says nothing about which values are valid. */
export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || DOCUMENT.has(keyword) || keyword.startsWith("x-");
}

/** Keywords whose meaning upstream does not render, beside a type that it does. */
const UNREAD = [
  "$ref",
  "$dynamicRef",
  "allOf",
  "anyOf",
  "const",
  "patternProperties",
  "propertyNames",
  "prefixItems",
];

/** Whether upstream renders all that a schema says of types and values. */
export function isExpressible(schema: Tree, known = new Map<Tree, boolean>()): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  known.set(schema, false);
  const is = isTrue(schema) || memberwise(schema, known);
  known.set(schema, is);
  return is;
}

function memberwise(schema: Tree, known: Map<Tree, boolean>): boolean {
  const members = objectOf(schema);
  if (!members || UNREAD.some((keyword) => members.has(keyword))) return false;
  const variants = elementsIn(members.get("oneOf"));
  if (variants) {
    const isAlone = Array.from(members.keys()).every((key) => key === "oneOf" || isAnnotation(key));
    return isAlone && variants.every((each) => isTyped(each) && isExpressible(each, known));
  }
  const type = members.get("type");
  if (type?.kind === "array") {
    return !members.has("enum") && type.elements.every(isScalarOrNull);
  }
  const name = stringOf(type);
  if (name === "object") return isExpressibleObject(members, known);
  if (name === "array") return isExpressibleArray(members, known);
  if (name === "string") {
    return (elementsIn(members.get("enum")) ?? []).every((value) => stringOf(value) !== undefined);
  }
  if (name !== undefined) return SCALARS.includes(name) && !members.has("enum");
  return Array.from(members.keys()).every(isAnnotation);
}

function isTyped(schema: Tree): boolean {
  const members = objectOf(schema);
  return members !== undefined && (members.has("type") || members.has("oneOf"));
}

function isScalarOrNull(type: Tree): boolean {
  const name = stringOf(type);
  return name === "null" || (name !== undefined && SCALARS.includes(name));
}

function isExpressibleObject(members: Map<string, Tree>, known: Map<Tree, boolean>): boolean {
  const properties = objectOf(members.get("properties"));
  const others = members.get("additionalProperties");
  if (others?.kind === "object" && others.members.size > 0) return false;
  if (others !== undefined && !isFalse(others) && !properties?.size) return false;
  return Array.from(properties?.values() ?? []).every((each) => isExpressible(each, known));
}

function isExpressibleArray(members: Map<string, Tree>, known: Map<Tree, boolean>): boolean {
  const items = members.get("items");
  return !members.has("enum") && (items === undefined || isExpressible(items, known));
}

/**
 * The paths of the parts of a schema that upstream renders as `any`, or without
 * their members, although the schema says more.
 */
export function* collapsedPaths(schema: Tree, path: string): Generator<string> {
  const members = objectOf(schema);
  if (!members) {
    if (!isTrue(schema)) yield path;
    return;
  }
  const variants = elementsIn(members.get("oneOf"));
  if (variants) {
    for (const [at, each] of variants.entries())
      yield* collapsedPaths(each, inside(path, `oneOf[${at}]`));
  } else if (members.get("type")?.kind === "array") {
    if (losesMembers(members)) yield path;
  } else yield* collapsedByType(members, path);
}

function* collapsedByType(members: Map<string, Tree>, path: string): Generator<string> {
  const type = stringOf(members.get("type"));
  const properties = objectOf(members.get("properties"));
  if (type === "object" && properties) {
    for (const [name, each] of properties)
      yield* collapsedPaths(each, inside(path, `properties.${name}`));
  } else if (type === "object") {
    if (losesMembers(members)) yield path;
  } else if (type === "array") {
    const items = members.get("items");
    if (items) yield* collapsedPaths(items, inside(path, "items"));
    else if (members.has("prefixItems")) yield path;
  } else if (type === undefined || !SCALARS.includes(type)) {
    if (!Array.from(members.keys()).every(isAnnotation)) yield path;
  }
}

function inside(path: string, step: string): string {
  return path === "" ? step : `${path}.${step}`;
}

/** Whether a schema describes members that its rendered type has not. */
function losesMembers(members: Map<string, Tree>): boolean {
  const others = members.get("additionalProperties");
  return (
    ["properties", "items", "prefixItems", "anyOf", "allOf", "patternProperties", "$ref"].some(
      (keyword) => members.has(keyword),
    ) ||
    (others?.kind === "object" && others.members.size > 0)
  );
}
