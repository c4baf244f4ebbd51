/** What the grammars of xgrammar and of llama.cpp write alike. */

/** Text without the start of a special token's spelling, so that it never ends itself. */
export const TEXT = '([^<] | "<"+ [^<|])*';

/** A text as a literal. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
