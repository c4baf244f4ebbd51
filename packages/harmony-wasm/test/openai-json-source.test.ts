/** Places in JSON text, on random values written with random white space. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { elementsOf, memberOf, spacedAsPython, valueAt } from "../src/openai/json/source.ts";

const json = fc.jsonValue({ maxDepth: 4 });
const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/);

/** JSON with the same white space around every mark. */
function loose(value: unknown, gap: string): string {
  if (Array.isArray(value))
    return `[${gap}${value.map((each) => loose(each, gap)).join(`${gap},${gap}`)}${gap}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}${gap}:${gap}${loose(each, gap)}`,
  );
  return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`;
}

it("finds every member and element", () => {
  fc.assert(
    fc.property(json, space, (value, gap) => {
      const text = `${gap}${loose(value, gap)}${gap}`;
      const place = valueAt(text, 0);
      expect(JSON.parse(text.slice(place.start, place.end))).toEqual(JSON.parse(text));
      if (Array.isArray(value)) {
        const found = elementsOf(text, place).map(({ start, end }) =>
          JSON.parse(text.slice(start, end)),
        );
        expect(found).toEqual(JSON.parse(text));
      } else if (typeof value === "object" && value !== null) {
        for (const key of Object.keys(value)) {
          const member = memberOf(text, place, key);
          expect(JSON.parse(text.slice(member?.start, member?.end))).toEqual(JSON.parse(text)[key]);
        }
      }
    }),
    { seed: 7 },
  );
});

it("spaces as Python does, and changes nothing else", () => {
  fc.assert(
    fc.property(json, space, (value, gap) => {
      const text = loose(value, gap);
      const spaced = spacedAsPython(text, valueAt(text, 0));
      expect(JSON.parse(spaced)).toEqual(JSON.parse(text));
      expect(spaced).toBe(spacedAsPython(spaced, valueAt(spaced, 0)));
    }),
    { seed: 7 },
  );
  const text = '{"a":[1.0,2e5,{}],"b\\u00e9":null,"10":"\\u2028"}';
  expect(spacedAsPython(text, valueAt(text, 0))).toBe(
    '{"a": [1.0, 2e5, {}], "bé": null, "10": "\u2028"}',
  );
});

it("ends on values of another kind", () => {
  for (const text of ['"x"', "5", "{}", "[]", '{"a":[1]}', "[{}]"]) {
    const place = valueAt(text, 0);
    if (!text.startsWith("[")) expect(elementsOf(text, place)).toEqual([]);
    if (!text.startsWith("{")) expect(memberOf(text, place, "a")).toBeUndefined();
  }
});

it("takes the last of members with one name, as JSON.parse does", () => {
  const text = '{"a":1,"\\u0061":2}';
  expect(memberOf(text, valueAt(text, 0), "a")).toEqual({ start: 16, end: 17 });
});
