/** What messages call an input. */

/** The name of an input; `-` is stdin. */
export function inputName(name: string): string {
  return name === "-" ? "stdin" : name;
}
