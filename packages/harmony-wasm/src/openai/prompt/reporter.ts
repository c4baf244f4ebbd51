/** Reports the fields of a request that are not carried over: as warnings, or as a refusal. */

import { RequestError } from "../errors.js";
import { entryOf, type Fields, isFields, isPresent, pathOf } from "../json/fields.js";
import type { PromptOptions, Warning } from "../types.js";
import type { FieldList, FieldLists } from "./fields.js";

/** Values that ask for nothing beyond what happens anyway. */
const USUAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  modalities: (value) => Array.isArray(value) && value.every((each) => each === "text"),
  verbosity: (value) => value === "medium",
  "text.verbosity": (value) => value === "medium",
  "reasoning.mode": (value) => value === "standard",
  truncation: (value) => value === "disabled",
  background: (value) => value === false,
};
/** Flags of tools and calls that are off, and lists without elements, ask for nothing either. */
const isNothing = (value: unknown) =>
  !isPresent(value) || value === false || (Array.isArray(value) && value.length === 0);

/** Collects warnings, and refuses what cannot be carried over. */
export class Reporter {
  readonly warnings: Warning[] = [];
  readonly #warnsOnly: boolean;
  readonly #ignored = new Set<string>();

  constructor({ unsupported }: PromptOptions) {
    this.#warnsOnly = unsupported === "warn";
  }

  /** Reports something that does not stop the request. */
  warn(code: Warning["code"], message: string, param: string): void {
    this.warnings.push({ code, message, param });
  }

  /** Refuses a parameter, or warns where the caller asked for that. */
  unsupported(code: "unsupported_parameter" | "unsupported_value", message: string, param: string) {
    if (!this.#warnsOnly) throw new RequestError(code, message, param);
    this.warn(code, message, param);
  }

  /** Reports every field of a request that is not carried over, and each kind of nested field once. */
  fields(body: Fields, lists: FieldLists): void {
    this.#objects(body, "", "", lists);
  }

  #objects(value: unknown, place: string, path: string, lists: FieldLists): void {
    if (Array.isArray(value)) {
      value.forEach((each, index) => {
        this.#objects(each, `${place}[]`, `${path}[${index}]`, lists);
      });
    } else if (isFields(value)) {
      const list = listOf(value, place, lists);
      if (list) this.#fields(value, place, path, { list, lists });
    }
  }

  #fields(
    fields: Fields,
    place: string,
    path: string,
    { list, lists }: { list: FieldList; lists: FieldLists },
  ): void {
    for (const [name, value] of Object.entries(fields)) {
      const at = pathOf(place, name);
      const param = pathOf(path, name);
      const treatment = entryOf(list, name);
      if (!isPresent(value) || entryOf(USUAL, at)?.(value)) continue;
      if (treatment === "refused") {
        this.unsupported("unsupported_parameter", `${name} is not supported`, param);
      } else if (treatment === "warned" || treatment === undefined) {
        if (place === "" || !isNothing(value)) this.#ignore(name, at, param);
      } else this.#objects(value, at, param, lists);
    }
  }

  #ignore(name: string, place: string, param: string): void {
    if (this.#ignored.has(place)) return;
    this.#ignored.add(place);
    this.warn("ignored_parameter", `${name} has no effect here`, param);
  }
}

function listOf(fields: Fields, place: string, lists: FieldLists): FieldList | undefined {
  const kind = place === "messages[]" ? fields.role : fields.type;
  const own = typeof kind === "string" ? lists[`${place}@${kind}`] : undefined;
  return own ?? lists[place];
}
