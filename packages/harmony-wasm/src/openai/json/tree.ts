/**
 * JSON text as a tree that keeps numbers as they were written and the order of keys. It is for text
 * that is changed before it is rendered; `source.ts` copies text that is not.
 */

import { checkLevel, elementsOf, membersOf, type Place, valueAt } from "./source.js";

/** A value. Scalars are their JSON text. */
export type Tree =
  | { kind: "object"; members: Map<string, Tree> }
  | { kind: "array"; elements: Tree[] }
  | { kind: "scalar"; text: string };

/**
 * The tree of valid JSON text; the last of members with one name counts, as in `JSON.parse`.
 *
 * @throws {RequestError} `too_deep` for more than 200 levels, before any recursion is at its end.
 */
export function treeOf(text: string, place: Place = valueAt(text, 0), level = 0): Tree {
  checkLevel(level);
  const first = text[place.start];
  if (first === "{") {
    const members = new Map<string, Tree>();
    for (const [key, value] of membersOf(text, place.start)) {
      members.set(JSON.parse(text.slice(key.start, key.end)), treeOf(text, value, level + 1));
    }
    return { kind: "object", members };
  }
  if (first === "[") {
    const elements = elementsOf(text, place).map((each) => treeOf(text, each, level + 1));
    return { kind: "array", elements };
  }
  return { kind: "scalar", text: text.slice(place.start, place.end) };
}

/** A scalar with this value. */
export function scalarTree(value: string | number | boolean | null): Tree {
  return { kind: "scalar", text: JSON.stringify(value) };
}

/** An array of these elements. */
export function arrayTree(elements: readonly Tree[]): Tree {
  return { kind: "array", elements: [...elements] };
}

/** An object of these members. */
export function objectTree(members: Iterable<readonly [string, Tree]>): Tree {
  return { kind: "object", members: new Map(members) };
}

/** How the text of a tree is spaced: as `JSON.stringify` does, or as Python's `json.dumps` does. */
export type Spacing = "compact" | "python";

/** The JSON text of a tree. */
export function textOf(tree: Tree, spacing: Spacing = "compact"): string {
  const [comma, colon] = spacing === "python" ? [", ", ": "] : [",", ":"];
  if (tree.kind === "object") {
    const members = Array.from(
      tree.members,
      ([key, value]) => `${JSON.stringify(key)}${colon}${textOf(value, spacing)}`,
    );
    return `{${members.join(comma)}}`;
  }
  if (tree.kind === "array") {
    return `[${tree.elements.map((each) => textOf(each, spacing)).join(comma)}]`;
  }
  // A string with the escapes that it needs and no others.
  return tree.text.startsWith('"') ? JSON.stringify(JSON.parse(tree.text)) : tree.text;
}

/** The string that a tree is, or undefined. */
export function stringOf(tree: Tree | undefined): string | undefined {
  if (tree?.kind !== "scalar" || !tree.text.startsWith('"')) return undefined;
  const value: unknown = JSON.parse(tree.text);
  return typeof value === "string" ? value : undefined;
}

/** The members of an object, or undefined. */
export function objectOf(tree: Tree | undefined): Map<string, Tree> | undefined {
  return tree?.kind === "object" ? tree.members : undefined;
}

/** The elements of an array, or undefined. */
export function elementsIn(tree: Tree | undefined): readonly Tree[] | undefined {
  return tree?.kind === "array" ? tree.elements : undefined;
}

/** Whether a tree is `true`. */
export function isTrue(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && tree.text === "true";
}

/** Whether a tree is `false`. */
export function isFalse(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && tree.text === "false";
}

/** Whether a tree is `null`. */
export function isNull(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && tree.text === "null";
}
