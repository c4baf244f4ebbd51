/** Finds the schemas that `$ref` names within one document: JSON pointers, anchors and the document itself. */

import { elementsIn, objectOf, stringOf, type Tree } from "../json/tree.js";

/** The references of one document. */
export class References {
  readonly #root: Tree;
  #anchors: Map<string, Tree> | undefined;

  constructor(root: Tree) {
    this.#root = root;
  }

  /** The schema that a reference names; undefined if it is not in this document. */
  resolve(reference: string): Tree | undefined {
    const id = stringOf(objectOf(this.#root)?.get("$id")) ?? "";
    const local =
      id !== "" && reference.startsWith(id) ? reference.slice(id.length) || "#" : reference;
    if (!local.startsWith("#")) return undefined;
    const fragment = decoded(local.slice(1));
    if (fragment === "") return this.#root;
    return fragment.startsWith("/") ? this.#pointed(fragment) : this.#anchored(fragment);
  }

  #pointed(pointer: string): Tree | undefined {
    const steps = pointer.slice(1).split("/");
    return steps.reduce<Tree | undefined>((tree, step) => {
      const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
      return objectOf(tree)?.get(name) ?? elementsIn(tree)?.[Number(name)];
    }, this.#root);
  }

  #anchored(name: string): Tree | undefined {
    this.#anchors ??= new Map(anchorsOf(this.#root));
    return this.#anchors.get(name);
  }
}

/** What a reader calls the target of a reference. */
export function nameOfReference(reference: string): string | undefined {
  const name = decoded(reference).split(/[#/]/).at(-1);
  return name === "" ? undefined : name;
}

function* anchorsOf(tree: Tree): Generator<[string, Tree]> {
  const waiting = [tree];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const members = objectOf(next);
    for (const key of ["$anchor", "$dynamicAnchor"]) {
      const name = stringOf(members?.get(key));
      if (name !== undefined) yield [name, next];
    }
    waiting.push(...(members?.values() ?? elementsIn(next) ?? []));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
