/**
 * A flat schema as the alternatives that it allows, each of one type: unions
 * are multiplied out, and a list of types is one alternative for each.
 */

import { arrayTree, elementsIn, isTrue, scalarTree, stringOf, type Tree } from "../json/tree.js";
import { isAnnotation } from "./expressible.js";
import { type Expansion, type FlatSchema, flatten, merge, namedTypes } from "./flat.js";

/** One alternative. Its type is undefined where the schema allows any. */
export interface Alternative extends FlatSchema {
  type: string | undefined;
}

/** Keywords that belong to one type, by which a schema without `type` is known. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: [
    "properties",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
  ],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"],
  string: ["minLength", "maxLength", "pattern", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};

/** The alternatives of a schema, in order. */
export function alternativesOf(flat: FlatSchema, expansion: Expansion): Alternative[] {
  const [union, ...unions] = flat.unions;
  if (!union) return byType(flat);
  const base = { ...flat, unions };
  const variants = union.map((variant) => flatten(variant, flat.trail, expansion));
  if (typesOf(base).length > 0 && variants.every(onlyRequires)) {
    return alternativesOf({ ...base, notes: [...base.notes, needed(variants)] }, expansion);
  }
  if (expansion.isFull()) return alternativesOf(base, expansion);
  const { members, ...rest } = base;
  const bare = { ...rest, members: new Map([...members].filter(([key]) => !isAnnotation(key))) };
  return variants.flatMap((variant) => alternativesOf(merge(bare, variant), expansion));
}

/** The types that a schema allows: named, of its values, or those of its keywords. */
function typesOf({ members }: Pick<FlatSchema, "members">): string[] {
  const named = namedTypes(members.get("type"));
  const nullable = isTrue(members.get("nullable")) ? ["null"] : [];
  if (named.length > 0) return [...new Set([...named, ...nullable])];
  const values = elementsIn(members.get("enum"));
  if (values) return [...new Set([...values.map(typeOfValue), ...nullable])];
  const implied = Object.keys(KEYWORDS).filter((type) =>
    KEYWORDS[type]?.some((keyword) => members.has(keyword)),
  );
  return implied.length === 0 ? [] : [...implied, ...nullable];
}

/** The type of a JSON value. */
function typeOfValue(value: Tree): string {
  if (value.kind !== "scalar") return value.kind;
  if (stringOf(value) !== undefined) return "string";
  if (value.text === "null") return "null";
  if (value.text === "true" || value.text === "false") return "boolean";
  return /[.eE]/.test(value.text) ? "number" : "integer";
}

function byType(flat: FlatSchema): Alternative[] {
  const types = typesOf(flat);
  if (types.length === 0) return [{ ...flat, type: undefined }];
  return types.flatMap((type) => {
    const values = elementsIn(flat.members.get("enum"))?.filter((value) => isOf(type, value));
    if (values?.length === 0) return [];
    // Annotations are about all types, and stay outside.
    const members = [...flat.members].filter(
      ([key]) => belongs(key, type) && (types.length === 1 || !isAnnotation(key)),
    );
    const own = new Map(members).set("type", scalarTree(type));
    own.delete("nullable");
    if (values) own.set("enum", arrayTree(values));
    return [{ ...flat, members: own, type }];
  });
}

function isOf(type: string, value: Tree): boolean {
  const is = typeOfValue(value);
  return is === type || (type === "number" && is === "integer");
}

function belongs(keyword: string, type: string): boolean {
  const kind = type === "integer" ? "number" : type;
  const owner = Object.keys(KEYWORDS).find((each) => KEYWORDS[each]?.includes(keyword));
  return owner === undefined || owner === kind;
}

/** Whether a variant says only which properties must be present. */
function onlyRequires({ members, unions }: FlatSchema): boolean {
  const keywords = [...members.keys()].filter((keyword) => !isAnnotation(keyword));
  return unions.length === 0 && keywords.every((key) => key === "required" || key === "not");
}

function needed(variants: readonly FlatSchema[]): string {
  const lists = variants.map(({ members }) =>
    (elementsIn(members.get("required")) ?? []).flatMap((name) => stringOf(name) ?? []),
  );
  const named = lists.filter((list) => list.length > 0).map((list) => list.join(" and "));
  return `Requires ${named.join(", or ")}.`;
}
