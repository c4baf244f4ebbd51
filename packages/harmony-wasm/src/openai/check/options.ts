/**
 * Checks of options objects. A table beside each options type has the check of every option, so
 * that an option which is misspelt, or of a wrong type, is refused wherever options are taken. The
 * compiler refuses a table that lacks an option, and one with an option that does not exist.
 */

import { checkedOptions, described } from "../../check/arguments.js";

/** Throws an error that names the option, unless the value is one that it can have. */
export type OptionCheck = (name: string, value: unknown) => void;

/** The checks of all options of a type. */
export type OptionChecks<T extends object> = { readonly [Name in keyof T & string]-?: OptionCheck };

/** The options that are given. Those that are undefined or null are left out, as in `harmony-wasm`. */
export function checkedBy<T extends object>(
  name: string,
  value: Partial<T> | null | undefined,
  checks: OptionChecks<T>,
): Partial<T> {
  const names = namesOf(checks);
  const options = checkedOptions<T>(name, value, names);
  const given: Partial<T> = {};
  for (const option of names) {
    const each = options[option];
    if (each === undefined || each === null) continue;
    checks[option](`${name}.${option}`, each);
    given[option] = each;
  }
  return given;
}

/** Options of which some are required; an object that lacks one is refused. */
export function requiredBy<T extends object>(
  name: string,
  value: T,
  checks: OptionChecks<T>,
  required: readonly (keyof T & string)[],
): T {
  if (typeof value !== "object" || value === null) {
    const wanted = `{ ${required.join(", ")} }`;
    throw new TypeError(`"${name}" expected an object such as ${wanted}, got ${described(value)}`);
  }
  const given = checkedBy(name, value, checks);
  // The check of a missing option says what it can be.
  for (const option of required) checks[option](`${name}.${option}`, given[option]);
  if (hasAll<T>(given, required)) return given;
  throw new TypeError(`"${name}" expected ${required.join(", ")}`);
}

/** The check of an options object inside another one. */
export function nested<T extends object>(checks: OptionChecks<T>): OptionCheck {
  return (name, value) => {
    if (typeof value !== "object") {
      const known = namesOf(checks).join(", ");
      const got = `expected an object, got ${described(value)}`;
      throw new TypeError(`"${name}" ${got}; its options are ${known}`);
    }
    checkedBy<T>(name, Object(value), checks);
  };
}

function namesOf<T extends object>(checks: OptionChecks<T>): (keyof T & string)[] {
  const isName = (name: string): name is keyof T & string => Object.hasOwn(checks, name);
  return Object.keys(checks).filter(isName);
}

function hasAll<T extends object>(
  given: Partial<T>,
  required: readonly (keyof T & string)[],
): given is T {
  return required.every((option) => given[option] !== undefined);
}
