/**
 * Who a call is addressed to. The built-in namespaces come from upstream's
 * constants; a name that the request declares is a function of that name,
 * dots and all.
 */

import { functionTools, toolNamespaces } from "../../index.js";
import { RequestError } from "../errors.js";
import { entryOf } from "../json/fields.js";
import type { Tool } from "../types.js";

/** Upstream's namespace of functions. */
export const FUNCTIONS = Object.keys(functionTools([]))[0] ?? "";

/** Characters that a header cannot hold: white space ends a word, and markup is read as markers. */
const IMPOSSIBLE = /\s|<\|/;

/** The names of the tools that a request offers. */
export class ToolNames {
  readonly #byRecipient: ReadonlyMap<string, Tool>;
  readonly #byName = new Map<string, Tool>();

  constructor(tools: ReadonlyMap<string, Tool>) {
    this.#byRecipient = tools;
    for (const tool of tools.values()) {
      const name = tool.namespace === undefined ? tool.name : `${tool.namespace}.${tool.name}`;
      this.#byName.set(name, tool);
    }
  }

  /** The recipient of a call with this name. */
  recipientOf(name: string, path: string, namespace?: string): string {
    checkName(name, path);
    const full = namespace === undefined ? name : `${namespace}.${name}`;
    const declared = this.#byName.get(full);
    if (declared) return declared.recipient;
    return namespace !== undefined || full.includes(".") || isBuiltIn(full)
      ? full
      : `${FUNCTIONS}.${full}`;
  }

  /** The tool that a recipient names: in full, or by its bare name. */
  toolOf(recipient: string): Tool | undefined {
    return this.#byRecipient.get(recipient) ?? this.#byName.get(recipient);
  }

  /**
   * The name of a recipient that the request does not offer, without upstream's
   * namespace of functions; that namespace alone is kept, as a name is never empty.
   */
  nameOf(recipient: string): string {
    const prefix = `${FUNCTIONS}.`;
    const name = recipient.startsWith(prefix) ? recipient.slice(prefix.length) : recipient;
    return readableName(name || recipient);
  }
}

/**
 * The names that a completion may call these tools by, for recovery. Of a namespace that the models
 * were trained with they are those of its functions.
 */
export function recipientsOf(tools: Iterable<Tool>): string[] {
  return Array.from(tools).flatMap(({ recipient, type }) => {
    const functions = entryOf(toolNamespaces, type)?.tools ?? [];
    return functions.length === 0
      ? [recipient]
      : functions.map(({ name }) => `${recipient}.${name}`);
  });
}

/** A name that a model wrote, as one that the next request may send back. */
export function readableName(name: string): string {
  return name.replaceAll(/\s|<\|/g, "_");
}

/** Whether the recipient is a tool that the models were trained with, or in its namespace. */
export function isBuiltIn(recipient: string): boolean {
  return Object.keys(toolNamespaces).some(
    (name) => recipient === name || recipient.startsWith(`${name}.`),
  );
}

/** The channel of calls to a recipient, and of its results. */
export function channelOf(recipient: string): "analysis" | "commentary" {
  return isBuiltIn(recipient) ? "analysis" : "commentary";
}

/** Refuses a name that would make an unreadable header. */
export function checkName(name: string, path: string): void {
  if (name !== "" && !IMPOSSIBLE.test(name)) return;
  const message = `expected a name without white space or markup, got ${JSON.stringify(name)}`;
  throw new RequestError("unsupported_value", message, path);
}

/** Refuses a tool's name that repeats its namespace: calls would name it twice. */
export function checkToolName(name: string, namespace: string, path: string): void {
  checkName(name, path);
  if (!name.startsWith(`${namespace}.`)) return;
  const message = `expected a name without its namespace ${namespace}, got ${JSON.stringify(name)}`;
  throw new RequestError("unsupported_value", message, path);
}
