/**
 * JSON Schemas rewritten into the part of JSON Schema that upstream renders.
 * The result is a JSON Schema again, and accepts every value that the original
 * accepts. Restrictions that upstream cannot render go into descriptions.
 */

import {
  arrayTree,
  elementsIn,
  isFalse,
  isTrue,
  objectOf,
  objectTree,
  stringOf,
  type Tree,
  textOf,
  treeOf,
} from "../json/tree.js";
import { type Alternative, alternativesOf } from "./alternatives.js";
import { isAnnotation, isExpressible } from "./expressible.js";
import { type Expansion, flatten, type Trail } from "./flat.js";
import { joined, type Place, withNotes } from "./join.js";
import { References } from "./references.js";

/** A part of a schema that cannot be rewritten. */
export interface SchemaLoss {
  /** Its path in the rewritten schema: `properties.filter.items`. */
  path: string;
  reason: string;
}

/** After this many schemas, references are no longer expanded. */
const MOST_SCHEMAS = 5000;
/** Upstream's JSON reader refuses more than 128 levels, some of which are the conversation's. */
const MOST_LEVELS = 48;
/** The name of a property that renders as TypeScript's index signature. */
const ANY_KEY = "[key: string]";

/** Keywords that have no place in a rewritten schema: resolved, moved, or without effect on a render. */
const DROPPED = new Set([
  "$defs",
  "definitions",
  "$schema",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "$comment",
  "discriminator",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "dependentRequired",
  "dependencies",
  "contains",
  "minContains",
  "maxContains",
  "prefixItems",
  "additionalItems",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
]);

/** The schema as JSON text; `lost` is called for each part that cannot be rewritten. */
export function simplifiedText(text: string, lost: (loss: SchemaLoss) => void): string {
  const root = treeOf(text);
  if (isExpressible(root)) return text;
  return textOf(new Simplifier(root, lost).simplified(root));
}

/** Where a schema is. */
interface Position {
  path: string;
  place: Place;
  level: number;
  trail: Trail;
  /** Gathers the sentences of parts that have no description of their own. */
  notes: string[];
}

class Simplifier {
  readonly #references: References;
  readonly #lost: (loss: SchemaLoss) => void;
  readonly #expressible = new Map<Tree, boolean>();
  readonly #reasons = new Set<string>();
  #schemas = 0;

  constructor(root: Tree, lost: (loss: SchemaLoss) => void) {
    this.#references = new References(root);
    this.#lost = lost;
  }

  simplified(root: Tree): Tree {
    return this.#described(root, {
      path: "",
      place: "root",
      level: 0,
      trail: new Map(),
      notes: [],
    });
  }

  /** A schema whose notes become part of its own description. */
  #described(schema: Tree, at: Position): Tree {
    const notes: string[] = [];
    return withNotes(this.#schema(schema, { ...at, notes }), notes);
  }

  #schema(schema: Tree, at: Position): Tree {
    if (isExpressible(schema, this.#expressible)) return schema;
    const expansion = this.#expansionAt(at);
    const flat = flatten(schema, at.trail, expansion);
    const alternatives = alternativesOf(flat, expansion);
    if (alternatives.some(saysNoType)) {
      this.#lose({ path: at.path, reason: "upstream renders none of its keywords" });
    }
    const variants = alternatives.map((each) => this.#built(each, at));
    return joined(variants, flat.members, at.place, at.notes);
  }

  #expansionAt(at: Position): Expansion {
    return {
      references: this.#references,
      path: at.path,
      enter: () => {
        this.#schemas += 1;
      },
      isFull: () => this.#schemas > MOST_SCHEMAS || at.level > MOST_LEVELS,
      unexpanded: (why, reference) => {
        const reason =
          why === "unknown"
            ? `${JSON.stringify(reference)} is not in the schema`
            : `${JSON.stringify(reference)} is not expanded again`;
        this.#lose({ path: at.path, reason });
      },
    };
  }

  /** Reports each reason once, at the first path. */
  #lose(loss: SchemaLoss): void {
    if (this.#reasons.has(loss.reason)) return;
    this.#reasons.add(loss.reason);
    this.#lost(loss);
  }

  /** One alternative, with the schemas in it rewritten. */
  #built(alternative: Alternative, at: Position): Tree {
    at.notes.push(...alternative.notes);
    const { type, members } = alternative;
    const own = new Map([...members].filter(([keyword]) => !DROPPED.has(keyword)));
    const inside = { ...at, trail: alternative.trail };
    if (type === "object") this.#addProperties(own, members, inside);
    if (type === "array") this.#addItems(own, members, inside);
    return objectTree(own);
  }

  #addProperties(own: Map<string, Tree>, given: ReadonlyMap<string, Tree>, at: Position): void {
    const schemas = new Map(objectOf(given.get("properties")));
    for (const [name, schema] of keyedProperties(given)) {
      if (!schemas.has(name)) schemas.set(name, schema);
    }
    const properties = [...schemas].flatMap(([name, schema]): [string, Tree][] => {
      if (isNever(schema)) return [];
      const path = at.path === "" ? `properties.${name}` : `${at.path}.properties.${name}`;
      return [
        [name, this.#described(schema, { ...at, path, place: "property", level: at.level + 2 })],
      ];
    });
    if (properties.length > 0 || given.has("properties")) {
      own.set("properties", objectTree(properties));
    }
    const others = given.get("additionalProperties");
    // Its schema is now that of the property ANY_KEY, and may have had references in it.
    if (others !== undefined && !isFalse(others)) own.set("additionalProperties", TRUE);
    if (given.has("patternProperties")) own.delete("additionalProperties");
  }

  #addItems(own: Map<string, Tree>, given: ReadonlyMap<string, Tree>, at: Position): void {
    const tuple = elementsIn(given.get("prefixItems")) ?? elementsIn(given.get("items"));
    const rest = given.get(given.has("prefixItems") ? "items" : "additionalItems");
    const items = tuple ? itemsOfTuple(tuple, rest) : given.get("items");
    if (tuple) at.notes.push(orderNote(tuple));
    own.delete("items");
    if (!items || isTrue(items) || isFalse(items)) return;
    const path = at.path === "" ? "items" : `${at.path}.items`;
    own.set("items", this.#schema(items, { ...at, path, place: "items", level: at.level + 1 }));
  }
}

const TRUE: Tree = { kind: "scalar", text: "true" };

/** Whether a schema says which values are valid, but no type. */
function saysNoType({ type, members }: Alternative): boolean {
  return type === undefined && ![...members.keys()].every(isAnnotation);
}

/** Whether no value is valid, so that a property must be absent. */
function isNever(schema: Tree): boolean {
  const not = objectOf(schema)?.get("not");
  return isFalse(schema) || (not !== undefined && (isTrue(not) || objectOf(not)?.size === 0));
}

/** The properties that a schema describes without naming them. */
function* keyedProperties(given: ReadonlyMap<string, Tree>): Generator<[string, Tree]> {
  const patterns = [...(objectOf(given.get("patternProperties"))?.values() ?? [])];
  const others = given.get("additionalProperties");
  const isEmpty = !objectOf(given.get("properties"))?.size;
  const describes = objectOf(others)?.size || (isEmpty && others !== undefined && !isFalse(others));
  const schemas = [...patterns, ...(others && describes ? [others] : [])];
  const [first, ...more] = schemas;
  if (!first) return;
  const schema = more.length === 0 ? first : objectTree([["anyOf", arrayTree(schemas)]]);
  const names = elementsIn(objectOf(given.get("propertyNames"))?.get("enum")) ?? [];
  const keys = names.flatMap((name) => stringOf(name) ?? []);
  for (const key of keys.length > 0 ? keys : [ANY_KEY]) yield [key, schema];
}

/** A tuple is rendered as an array of any of its items. */
function itemsOfTuple(tuple: readonly Tree[], rest: Tree | undefined): Tree | undefined {
  const all = rest && rest.kind === "object" ? [...tuple, rest] : tuple;
  return all.length === 0 ? undefined : objectTree([["anyOf", arrayTree(all)]]);
}

function orderNote(tuple: readonly Tree[]): string {
  const names = tuple.map((item) => {
    const members = objectOf(item);
    return stringOf(members?.get("title")) ?? stringOf(members?.get("type")) ?? "any";
  });
  return `Items in this order: ${names.join(", ")}.`;
}
