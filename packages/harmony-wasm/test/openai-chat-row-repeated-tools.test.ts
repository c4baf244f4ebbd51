/** Tools that several rows have are read once; each row gets the text, or the refusal, of its own. */

import { conversationFromChatCompletions } from "harmony-wasm/openai";
import { expect, it } from "vitest";
import { question } from "./chat-row-texts.ts";

const parameters = {
  type: "object",
  properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } },
};
const usual = [{ type: "function", function: { name: "f", description: "F.", parameters } }];
const marked = [{ ...usual[0], function: { name: "f", description: "<|end|>", parameters } }];

const converted = conversationFromChatCompletions;
const rowWith = (fields: object) => JSON.stringify({ messages: [question], ...fields });

/** The path of the refusal of a row. */
function refusedAt(row: string, options?: Parameters<typeof converted>[1]): unknown {
  try {
    return converted(row, options);
  } catch (error) {
    return Object(error).path;
  }
}

it("gives the text of the first row again", () => {
  const text = converted(rowWith({ tools: usual }));
  expect(text).toContain('"name":"f"');
  expect(converted(rowWith({ id: 1, tools: usual }))).toBe(text);
});

it("does not take tools for those of another row", () => {
  for (let round = 0; round < 2; round += 1) {
    for (let row = 0; row < 100; row += 1) {
      const tools = [{ name: `f${row}`, parameters }];
      expect(converted(rowWith({ tools }))).toContain(`"name":"f${row}"`);
    }
  }
});

it("refuses markup, whether a row before allowed it or not", () => {
  const row = rowWith({ tools: marked });
  const path = "tools[0].function.description";
  expect(converted(row, { allowMarkup: true })).toContain("<|end|>");
  expect([refusedAt(row), refusedAt(row)]).toEqual([path, path]);
  expect(converted(row, { allowMarkup: true })).toContain("<|end|>");
});

it("simplifies schemas where that is asked for, and nowhere else", () => {
  const row = rowWith({ tools: usual });
  const [plain, simple] = [converted(row), converted(row, { simplifySchemas: true })];
  expect(simple).not.toBe(plain);
  expect(converted(row)).toBe(plain);
  expect(converted(row, { simplifySchemas: true })).toBe(simple);
});

it("names the field of the row that is refused", () => {
  const wrong = [{ name: "f", parameters: { a: "x" } }];
  for (let time = 0; time < 2; time += 1) {
    expect(refusedAt(rowWith({ tools: wrong }))).toBe("tools[0].parameters");
    expect(refusedAt(rowWith({ functions: wrong }))).toBe("functions[0].parameters");
    expect(refusedAt(rowWith({ tools: marked }))).toBe("tools[0].function.description");
    expect(refusedAt(rowWith({ functions: marked }))).toBe("functions[0].function.description");
  }
});
