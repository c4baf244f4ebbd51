/** Adds up entries by name. Names come from the data, so the number of names is bounded. */

/** How entries of one name are added up. */
export interface Tallying<T> {
  /** The name of an entry. */
  nameOf: (entry: T) => string;
  added: (one: T, other: T) => T;
  /** The number of names; entries of further names count as `others`. */
  most: number;
  others: (entry: T) => T;
}

/** Names of the data are cut to this many characters. */
const MOST_CHARACTERS = 200;

/** One entry for each name, in the order of first appearance. */
export function tallied<T>(
  entries: Iterable<T>,
  { nameOf, added, most, others }: Tallying<T>,
): T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) {
    const isNew = !byName.has(nameOf(entry)) && byName.size >= most;
    const counted = isNew ? others(entry) : entry;
    const name = nameOf(counted);
    const before = byName.get(name);
    byName.set(name, before === undefined ? counted : added(before, counted));
  }
  return [...byName.values()];
}

/** The beginning of a text of the data, as well-formed Unicode. */
export function shortened(text: string, most = MOST_CHARACTERS): string {
  return text.length <= most ? text.toWellFormed() : `${text.slice(0, most).toWellFormed()}…`;
}
