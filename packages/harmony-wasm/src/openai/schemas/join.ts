/** Alternatives joined into one schema, in the form that upstream renders shortest. */

import {
  arrayTree,
  elementsIn,
  isNull,
  objectOf,
  objectTree,
  scalarTree,
  stringOf,
  type Tree,
  textOf,
} from "../json/tree.js";
import { isAnnotation } from "./expressible.js";
import { distinct } from "./flat.js";

/** Where the schema is: upstream reads `nullable` of properties only, and descriptions of all but items. */
export type Place = "root" | "property" | "items";

type Members = Map<string, Tree>;

/** Upstream renders `{"type": "null"}` as any, and a list of one as it is. */
const NULL = objectTree([["type", arrayTree([scalarTree("null")])]]);
/** Types that a list of types can hold without losing a member. */
const SCALARS = ["string", "number", "integer", "boolean"];

/** The schema of these variants. `outer` has the annotations that are about all of them. */
export function joined(
  variants: readonly Tree[],
  outer: ReadonlyMap<string, Tree>,
  place: Place,
  notes: string[],
): Tree {
  const annotations = [...outer].filter(([key]) => isAnnotation(key) && !isDropped(key));
  const values = distinct(variants).flatMap((each) => objectOf(each) ?? []);
  const isNullable = values.some(isNullType);
  const present = mergedEnums(
    values.filter((each) => !isNullType(each)).map((each) => new Map(each)),
    notes,
  );
  for (const each of present) noteValues(each, notes);
  const [only, ...more] = present;
  if (only && more.length === 0)
    return withAnnotations(single(only, isNullable, place), annotations);
  if (!only) return withAnnotations(isNullable ? NULL : objectTree([]), annotations);
  if (present.every(isBare)) {
    const types = [...new Set(present.map(typeOf)), ...(isNullable ? ["null"] : [])];
    return withAnnotations(objectTree([["type", arrayTree(types.map(scalarTree))]]), annotations);
  }
  if (place === "property" && !outer.has("description")) annotations.push(...lifted(present));
  else if (place === "property") noteHidden(only, notes);
  const all = [...present.map((each) => objectTree(each)), ...(isNullable ? [NULL] : [])];
  return withAnnotations(objectTree([["oneOf", arrayTree(all)]]), annotations);
}

/** A schema with sentences at the end of its description; those that it has are not repeated. */
export function withNotes(schema: Tree, notes: readonly string[]): Tree {
  const members = objectOf(schema);
  const before = stringOf(members?.get("description")) ?? "";
  const added = [...new Set(notes)].filter((note) => !before.includes(note));
  if (!members || added.length === 0) return schema;
  const description = [before, ...added].filter((text) => text !== "").join(" ");
  return objectTree([...members, ["description", scalarTree(description)]]);
}

function isDropped(keyword: string): boolean {
  return keyword.startsWith("$") || keyword === "definitions" || keyword === "nullable";
}

function typeOf(members: ReadonlyMap<string, Tree>): string {
  return stringOf(members.get("type")) ?? "";
}

function isNullType(members: ReadonlyMap<string, Tree>): boolean {
  const type = members.get("type");
  return typeOf(members) === "null" || (type !== undefined && textOf(type) === '["null"]');
}

/** Whether a list of types says all that is rendered of a schema. */
function isBare(members: ReadonlyMap<string, Tree>): boolean {
  const isPlain = SCALARS.includes(typeOf(members)) && !members.has("description");
  return isPlain && (typeOf(members) !== "string" || !members.has("enum"));
}

/** The annotations of the whole come before those of its only variant. */
function withAnnotations(schema: Tree, annotations: readonly (readonly [string, Tree])[]): Tree {
  const own = [...(objectOf(schema) ?? [])];
  const outer = new Map(annotations);
  return objectTree([...own.filter(([key]) => !outer.has(key)), ...outer]);
}

function single(members: Members, isNullable: boolean, place: Place): Tree {
  if (!isNullable) return objectTree(members);
  const values = elementsIn(members.get("enum"));
  const own = new Map(members);
  if (values && !values.some(isNull)) own.set("enum", arrayTree([...values, scalarTree(null)]));
  if (SCALARS.includes(typeOf(own)) && (typeOf(own) !== "string" || !values)) {
    return objectTree(own.set("type", arrayTree([typeOf(own), "null"].map(scalarTree))));
  }
  // Upstream leaves `null` out where the rendered type has that word in it.
  const isRead = place === "property" && !textOf(objectTree(members)).includes("null");
  if (isRead && members.has("type")) return objectTree(own.set("nullable", TRUE));
  const [about, rest] = [true, false].map((is) =>
    [...members].filter(([keyword]) => isAnnotation(keyword) === is),
  );
  return objectTree([["oneOf", arrayTree([objectTree(rest ?? []), NULL])], ...(about ?? [])]);
}

const TRUE: Tree = { kind: "scalar", text: "true" };

/** Takes the only description of several variants out of its variant, where it is rendered twice. */
function lifted(variants: readonly Members[]): [string, Tree][] {
  const [only, ...more] = variants.filter((each) => each.has("description"));
  const description = only?.get("description");
  if (!only || !description || more.length > 0) return [];
  only.delete("description");
  return [["description", description]];
}

/** Upstream leaves out the description of the first variant where the property has one. */
function noteHidden(first: ReadonlyMap<string, Tree>, notes: string[]): void {
  const description = stringOf(first.get("description"));
  if (description === undefined || typeOf(first) === "object") return;
  notes.push(`If ${typeOf(first) || "any"}: ${description}`);
}

/**
 * The values of several variants of one type as one `enum`; each one's meaning goes into the notes.
 * Values other than strings are left out beside a variant that allows all of their type.
 */
function mergedEnums(variants: readonly Members[], notes: string[]): Members[] {
  const free = new Set(variants.filter((each) => !each.has("enum")).map(kindOf));
  const merged = new Map<string, Members>();
  return variants.flatMap((each) => {
    if (!each.has("enum")) return [each];
    const kind = kindOf(each);
    const first = merged.get(kind);
    if (kind !== "string" && free.has(kind)) return [];
    if (variants.filter((other) => kindOf(other) === kind && other.has("enum")).length > 1) {
      notes.push(...meaningOf(each));
    }
    if (first) addValues(first, each);
    else merged.set(kind, each);
    return first ? [] : [each];
  });
}

function kindOf(members: ReadonlyMap<string, Tree>): string {
  return typeOf(members) === "integer" ? "number" : typeOf(members);
}

function addValues(first: Members, other: ReadonlyMap<string, Tree>): void {
  const values = [first, other].flatMap((each) => elementsIn(each.get("enum")) ?? []);
  first.set("enum", arrayTree(distinct(values)));
  if (typeOf(first) !== typeOf(other)) first.set("type", scalarTree("number"));
  for (const annotation of ["title", "description"]) first.delete(annotation);
}

/** Upstream renders the values of strings only. */
function noteValues(members: Members, notes: string[]): void {
  const type = typeOf(members);
  const values = (elementsIn(members.get("enum")) ?? []).map((value) => textOf(value));
  if (type === "string" || values.length === 0 || (type === "boolean" && values.length > 1)) return;
  const kind = kindOf(members) === "number" ? "number" : "value";
  notes.push(`Allowed ${kind}${values.length > 1 ? "s" : ""}: ${values.join(", ")}.`);
}

function meaningOf(members: Members): string[] {
  const meaning = stringOf(members.get("description")) ?? stringOf(members.get("title"));
  const values = (elementsIn(members.get("enum")) ?? []).map((value) => textOf(value));
  return meaning === undefined ? [] : [`${values.join(", ")}: ${meaning.replace(/\.$/, "")}.`];
}
