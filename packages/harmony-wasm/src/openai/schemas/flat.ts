/**
 * A schema with its `$ref`s and `allOf`s resolved into one set of keywords. The
 * unions, `anyOf` and `oneOf`, are kept apart: every one of them must hold.
 */

import {
  arrayTree,
  elementsIn,
  objectOf,
  objectTree,
  scalarTree,
  stringOf,
  type Tree,
  textOf,
} from "../json/tree.js";
import { isAnnotation } from "./expressible.js";
import { nameOfReference, type References } from "./references.js";

/** Keywords in one place, without references. */
export interface FlatSchema {
  members: ReadonlyMap<string, Tree>;
  /** Each is a list of variants, of which a value matches one. */
  unions: readonly (readonly Tree[])[];
  /** The schemas that this one is in. */
  trail: Trail;
  /** Sentences for the description, about what upstream cannot render. */
  notes: readonly string[];
}

/** Schemas that are being rewritten, with their paths: a reference to one of them is not expanded. */
export type Trail = ReadonlyMap<Tree, string>;

/** Decides where references are expanded, and is called where they are not. */
export interface Expansion {
  references: References;
  /** The path of the schema that is rewritten. */
  path: string;
  /** Counts a schema. */
  enter(): void;
  /** Whether no more references are expanded at this place. */
  isFull(): boolean;
  /** Is called for a reference that is not expanded. */
  unexpanded(reason: "recursive" | "unknown", reference: string): void;
}

/** Keywords that are resolved here. */
const RESOLVED = new Set(["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "const"]);
const EMPTY: Omit<FlatSchema, "trail"> = { members: new Map(), unions: [], notes: [] };

/** The schema, with everything that it refers to. */
export function flatten(schema: Tree, above: Trail, expansion: Expansion): FlatSchema {
  expansion.enter();
  const given = objectOf(schema);
  const trail = new Map([[schema, expansion.path], ...above]);
  if (!given) return { ...EMPTY, trail };
  let flat: FlatSchema = { ...EMPTY, members: ownMembers(given), unions: unionsOf(given), trail };
  const reference = stringOf(given.get("$ref")) ?? stringOf(given.get("$dynamicRef"));
  if (reference !== undefined) flat = merge(flat, expand(reference, trail, expansion));
  for (const part of elementsIn(given.get("allOf")) ?? []) {
    flat = merge(flat, flatten(part, trail, expansion));
  }
  return flat;
}

/** Both schemas at once. The annotations of the first come before those of the second. */
export function merge(first: FlatSchema, second: FlatSchema): FlatSchema {
  const members = new Map(first.members);
  for (const [keyword, value] of second.members) {
    const before = members.get(keyword);
    members.set(keyword, before === undefined ? value : both(keyword, before, value));
  }
  return {
    members,
    unions: [...first.unions, ...second.unions],
    trail: new Map([...second.trail, ...first.trail]),
    notes: [...first.notes, ...second.notes],
  };
}

/** The types that a `type` keyword names. */
export function namedTypes(type: Tree | undefined): string[] {
  const name = stringOf(type);
  if (name !== undefined) return [name];
  return (elementsIn(type) ?? []).flatMap((each) => stringOf(each) ?? []);
}

function ownMembers(given: ReadonlyMap<string, Tree>): Map<string, Tree> {
  const members = new Map(Array.from(given).filter(([keyword]) => !RESOLVED.has(keyword)));
  const only = given.get("const");
  if (only) members.set("enum", arrayTree([only]));
  return members;
}

function unionsOf(given: ReadonlyMap<string, Tree>): (readonly Tree[])[] {
  return ["anyOf", "oneOf"].flatMap((keyword) => {
    const variants = elementsIn(given.get(keyword));
    return variants && variants.length > 0 ? [variants] : [];
  });
}

function expand(reference: string, trail: Trail, expansion: Expansion): FlatSchema {
  const target = expansion.references.resolve(reference);
  if (!target) {
    expansion.unexpanded("unknown", reference);
    return { ...EMPTY, trail, notes: [`Has the form of ${JSON.stringify(reference)}.`] };
  }
  if (!trail.has(target) && !expansion.isFull()) return flatten(target, trail, expansion);
  expansion.unexpanded("recursive", reference);
  const place = (trail.get(target) ?? "").replaceAll(/(?:^|\.)(?:properties\.|items\b)/g, ".");
  const title = stringOf(objectOf(target)?.get("title"));
  const name = place.replaceAll(/^\.+|\.+$/g, "") || title || nameOfReference(reference);
  const notes = [`Has the same form as ${name ?? "the whole schema"}.`];
  return { ...EMPTY, members: typeAlone(target), trail, notes };
}

/** The type of a schema, without its members. */
function typeAlone(schema: Tree): Map<string, Tree> {
  const type = objectOf(schema)?.get("type");
  return new Map(type ? [["type", type] as const] : []);
}

function both(keyword: string, first: Tree, second: Tree): Tree {
  if (isAnnotation(keyword) || textOf(first) === textOf(second)) return first;
  if (keyword === "type") return sharedTypes(first, second);
  if (keyword === "enum" || keyword === "required") {
    const [a, b] = [elementsIn(first) ?? [], elementsIn(second) ?? []];
    return keyword === "enum" ? arrayTree(shared(a, b)) : arrayTree(distinct([...a, ...b]));
  }
  if (keyword === "properties" || keyword === "patternProperties") {
    return allMembers(first, second);
  }
  const areSchemas = first.kind === "object" && second.kind === "object";
  return areSchemas && (keyword === "items" || keyword === "additionalProperties")
    ? bothSchemas(first, second)
    : first;
}

function bothSchemas(first: Tree, second: Tree): Tree {
  return objectTree([["allOf", arrayTree([first, second])]]);
}

function allMembers(first: Tree, second: Tree): Tree {
  const members = new Map(objectOf(first));
  for (const [name, schema] of objectOf(second) ?? []) {
    const before = members.get(name);
    members.set(name, before ? bothSchemas(before, schema) : schema);
  }
  return objectTree(members);
}

/** An integer is a number too. Types that exclude each other leave the first. */
function sharedTypes(first: Tree, second: Tree): Tree {
  const [a, b] = [namedTypes(first), namedTypes(second)];
  const types = [...a.filter((type) => covers(b, type)), ...b.filter((type) => covers(a, type))];
  const names = [...new Set(types)];
  if (names.length === 0) return first;
  const [only, ...more] = names.map((name) => scalarTree(name));
  return only && more.length === 0 ? only : arrayTree(only ? [only, ...more] : more);
}

function covers(types: readonly string[], type: string): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

function shared(first: readonly Tree[], second: readonly Tree[]): Tree[] {
  const texts = new Set(second.map((value) => textOf(value)));
  return first.filter((value) => texts.has(textOf(value)));
}

/** Values without repetitions. */
export function distinct(values: readonly Tree[]): Tree[] {
  return [...new Map(values.map((value) => [textOf(value), value])).values()];
}
