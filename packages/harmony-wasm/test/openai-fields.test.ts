/** docs/openai.md has a row for every field of both lists, with the treatment that it gets. */

import { readFileSync } from "node:fs";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { promptFromChat, promptFromResponses } from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { CHAT_FIELDS, RESPONSES_FIELDS } from "../src/openai/prompt/fields.ts";

const page = readFileSync(new URL("../../../docs/openai.md", import.meta.url), "utf8");
const section = (title: string) => page.split(`### ${title}\n`)[1]?.split("\n#")[0] ?? "";
const rowsOf = (title: string) =>
  Object.fromEntries(
    Array.from(section(title).matchAll(/^\| `(\w+)`\s*\| (\w+)/gm), ([, name, treatment]) => [
      name,
      treatment,
    ]),
  );
const encoding = loadHarmonyEncodingSync();
const messages = [{ role: "user", content: "hi" }];

describe("the fields", () => {
  it("of Chat Completions are in the docs", () => {
    expect(rowsOf("Chat Completions")).toEqual(CHAT_FIELDS);
  });
  it("of Responses are in the docs", () => expect(rowsOf("Responses")).toEqual(RESPONSES_FIELDS));

  const treated = (treatment: string) =>
    Object.entries(CHAT_FIELDS).filter(([, each]) => each === treatment);
  it.each(treated("refused"))("%s is refused with its path", (name) => {
    expect(() => promptFromChat(encoding, { messages, [name]: {} })).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", path: name, status: 400 }),
    );
    const { warnings } = promptFromChat(
      encoding,
      { messages, [name]: {} },
      { unsupported: "warn" },
    );
    expect(warnings).toMatchObject([{ code: "unsupported_parameter", param: name }]);
  });
  it.each([...treated("warned"), ["top_k", ""]])("%s is warned of", (name) => {
    const { warnings } = promptFromChat(encoding, { messages, [name]: {} });
    expect(warnings).toMatchObject([{ code: "ignored_parameter", param: name }]);
  });
  it("previous_response_id is refused without a store", () => {
    expect(() =>
      promptFromResponses(encoding, { input: "hi", previous_response_id: "resp_1" }),
    ).toThrow(expect.objectContaining({ path: "previous_response_id" }));
  });
});
