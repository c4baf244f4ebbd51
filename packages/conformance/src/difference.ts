/** Shows where two plain values first differ, in one readable line. */

/** Empty if the values are equal, else one line that shows the first difference. */
export function difference(what: string, expected: unknown, found: unknown): string[] {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)];
  if (wanted === got) return [];
  let at = 0;
  while (wanted?.[at] === got?.[at]) at += 1;
  const excerpt = (text: string | undefined) => text?.slice(Math.max(0, at - 40), at + 60);
  return [`${what}: expected …${excerpt(wanted)}… but found …${excerpt(got)}…`];
}
