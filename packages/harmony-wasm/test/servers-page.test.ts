/** docs/servers.md names cases that there are, each of which other tests run. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("each line of docs/servers.md names its cases", () => {
  const { cases }: { cases: { id: string }[] } = JSON.parse(read("test-vectors/openai/cases.json"));
  const known = new Set(cases.map(({ id }) => id));
  const rows = read("docs/servers.md").match(/^\| [chr]\d.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(20);
  const named = rows.flatMap((row) => row.split(":")[0]?.match(/[chr]\d\d/g) ?? []);
  expect(named.filter((id) => !known.has(id))).toEqual([]);
});
