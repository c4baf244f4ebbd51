/**
 * What a tool's schema means where it was not written as JSON Schema: Arrow
 * fills absent members with nulls, some data sets use the type names of other
 * languages, and some leave out the object around the arguments. Upstream
 * renders such schemas without their parameters.
 */

import { type Fields, isFields } from "../json/fields.js";
import {
  arrayTree,
  elementsIn,
  isNull,
  objectOf,
  objectTree,
  scalarTree,
  stringOf,
  type Tree,
} from "../json/tree.js";
import { isOptionalType, typeMembers } from "./type-names.js";

/** Keywords whose value may be null, as far as the schema alone can say. */
const NULLABLE = new Set(["default", "const", "example"]);
/** Keywords whose value is data, in which a null is one. */
const DATA = new Set(["default", "const", "enum", "examples", "example"]);
/** Keywords whose members are named by the schema's author. */
const NAMED = new Set(["properties", "$defs", "definitions", "patternProperties"]);

/** Keywords whose value is a schema of its own. */
const SUBSCHEMAS = ["additionalProperties", "contains", "items", "not", "propertyNames"];

/** The schema that is meant; the same tree where nothing is to be changed. */
export function meantSchema(given: Tree, areArguments: boolean): Tree {
  const schema = isFilled(given) ? withoutNulls(given) : given;
  return withTypeNames(areArguments ? objectOfArguments(schema) : schema);
}

/**
 * Whether an object is not a schema but the arguments by their names, each with its type, as in
 * xLAM's data.
 */
export function isArguments(given: Fields): boolean {
  const each = Object.values(given);
  const isWrapper = each.length === 1 && isFields(each[0]) && isFields(each[0].properties);
  if (isWrapper || Object.keys(given).every((key) => SUBSCHEMAS.includes(key))) return false;
  return each.every(
    (value) => value === null || (isFields(value) && typeof value.type === "string"),
  );
}

/** The schema of an object with these arguments. An argument says itself whether it may be left out. */
function objectOfArguments(given: Tree): Tree {
  const members = [...(objectOf(given) ?? [])];
  const properties = members.map(([name, schema]) => {
    const own = [...(objectOf(schema) ?? [])].filter(([key, value]) => !isFlag(key, value));
    return [name, objectTree(own)] as const;
  });
  const required = members.filter(([, schema]) => isRequired(schema));
  return objectTree([
    ["type", scalarTree("object")],
    ["properties", objectTree(properties)],
    ["required", arrayTree(required.map(([name]) => scalarTree(name)))],
  ]);
}

/** Whether a member of an argument is its flag `required`; a schema's own `required` is a list. */
function isFlag(key: string, value: Tree): boolean {
  return (key === "required" || key === "optional") && value.kind === "scalar";
}

function isRequired(schema: Tree): boolean {
  const members = objectOf(schema);
  const flag = (name: string) => {
    const value = members?.get(name);
    return value?.kind === "scalar" ? value.text : undefined;
  };
  const isOptional = isOptionalType(stringOf(members?.get("type")) ?? "");
  if (flag("required") !== undefined) return flag("required") === "true";
  return !isOptional && flag("optional") !== "true" && !members?.has("default");
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
  if (schema.kind === "array") return arrayTree(schema.elements.map(withTypeNames));
  if (schema.kind === "scalar") return schema;
  const members = Array.from(schema.members).flatMap(([key, value]): [string, Tree][] => {
    if (key === "type") return typeNamed(value, schema.members.has("items"));
    if (DATA.has(key)) return [[key, value]];
    return [[key, NAMED.has(key) ? eachMember(value, withTypeNames) : withTypeNames(value)]];
  });
  return objectTree(members);
}

/** A tree with each member of the object changed, whatever the members are called. */
function eachMember(tree: Tree, change: (member: Tree) => Tree): Tree {
  if (tree.kind !== "object") return tree;
  const members = Array.from(tree.members, ([key, value]) => [key, change(value)] as const);
  return { kind: "object", members: new Map(members) };
}

/** The members for a `type`; the items that a schema has itself count. */
function typeNamed(type: Tree, hasItems: boolean): [string, Tree][] {
  if (type.kind === "array") {
    const each = type.elements.map((name) => {
      const members = typeMembers(stringOf(name) ?? "");
      return members?.size === 1 ? (members.get("type") ?? name) : name;
    });
    return [["type", arrayTree(each)]];
  }
  const members = typeMembers(stringOf(type) ?? "");
  if (!members) return [["type", type]];
  return [...members].filter(([key]) => key !== "items" || !hasItems);
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
