/**
 * The tools of a row. Most rows of a data set have the tools of others, so those of some lists are
 * kept by their JSON text: reading and checking them again takes a fifth of mapping a row.
 */

import { withSimpleSchemas } from "../conversation/rendered-schemas.js";
import {
  chatTools,
  type Namespace,
  type ToolList,
  toolListOf,
  toolNamesOf,
  toolsText,
} from "../conversation/tools.js";
import { RequestError } from "../errors.js";
import type { Fields } from "../json/fields.js";
import { refuseToolMarkup } from "./markup.js";
import { refuseUnreadSchemas } from "./unread.js";

/** Lists may all differ, so they are forgotten before they are many, and large ones at once. */
const MOST_KEPT = 64;
const MOST_UNITS = 64 * 1024;

/** Tools that a row can be rendered with. */
class RowTools {
  readonly #namespaces: readonly Namespace[];
  readonly names: ReturnType<typeof toolNamesOf>;
  #hasNoMarkup = false;
  #text: string | undefined;
  #simpleText: string | undefined;

  /** Refuses tools whose arguments would be lost. */
  constructor(namespaces: readonly Namespace[]) {
    refuseUnreadSchemas(namespaces);
    this.#namespaces = namespaces;
    this.names = toolNamesOf(namespaces);
  }

  /** Refuses tools with markup in their texts. */
  refuseMarkup(): void {
    if (!this.#hasNoMarkup) refuseToolMarkup(this.#namespaces);
    this.#hasNoMarkup = true;
  }

  /** As `toolsText` writes them. */
  get text(): string | undefined {
    this.#text ??= toolsText(this.#namespaces);
    return this.#text;
  }

  /** The same with simplified schemas. */
  get simpleText(): string | undefined {
    this.#simpleText ??= toolsText(withSimpleSchemas(this.#namespaces, () => {}));
    return this.#simpleText;
  }
}

const none = new RowTools([]);
const kept = new Map<string, RowTools>();

/** The tools of a row, whose JSON text is `text`. */
export function rowTools(row: Fields, text: string): RowTools {
  const list = toolListOf(row, text);
  if (!list) return none;
  // Errors name the field, so lists under different names are different.
  const key = `${list.name}:${list.text.slice(list.place.start, list.place.end)}`;
  const known = kept.get(key);
  if (known) return known;
  const tools = toolsIn(list);
  if (kept.size >= MOST_KEPT) kept.clear();
  if (key.length <= MOST_UNITS) kept.set(key, tools);
  return tools;
}

function toolsIn(list: ToolList): RowTools {
  const namespaces = chatTools(list, (message, path) => {
    throw new RequestError("unsupported_value", message, path);
  });
  return new RowTools(namespaces);
}
