/** The fields of a response that repeat its request are in the API's own form, whatever form the request has. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { promptFromResponses, type ResponsesRequest, response } from "harmony-wasm/openai";
import { expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", {
  allowedSpecial: "all",
});
const answerTo = (request: ResponsesRequest) =>
  response(encoding, promptFromResponses(encoding, request, { builtinTools: ["python"] }), sampled);
const parameters = { type: "object", properties: {} };

it("fields that are not in the request have the API's defaults", () => {
  expect(answerTo({ input: "hi" })).toMatchObject({
    access_programs: null,
    instructions: null,
    metadata: null,
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: "auto",
    tools: [],
    text: { format: { type: "text" } },
    reasoning: { effort: null, summary: null },
    store: true,
    truncation: "disabled",
  });
});

it.each([
  ["OpenAI's", { type: "function", name: "f", parameters, strict: true }, true],
  ["Chat Completions'", { type: "function", function: { name: "f", parameters } }, false],
  ["MCP's", { name: "f", inputSchema: parameters }, false],
  ["JSON text", JSON.stringify({ name: "f", input_schema: parameters }), false],
])("a function in the form of %s", (_name, tool, strict) => {
  const { tools } = answerTo({ input: "hi", tools: [tool as object] });
  expect(tools).toEqual([{ type: "function", name: "f", parameters, strict }]);
});

it("other tools, choices and formats", () => {
  const schema = { type: "object" };
  const answer = answerTo({
    input: "hi",
    tools: [
      { type: "custom", name: "c", description: "d" },
      { type: "namespace", name: "n", description: "d", tools: [{ type: "function", name: "f" }] },
      { type: "code_interpreter", container: "cntr_1" },
    ],
    tool_choice: { type: "custom", name: "c" },
    text: { format: { type: "json_schema", name: "a", schema }, verbosity: "low" },
    reasoning: { effort: "high" },
    metadata: { a: "b" },
    temperature: 0.5,
    user: "u",
  });
  expect(answer).toMatchObject({
    tools: [
      { type: "custom", name: "c", description: "d" },
      {
        type: "namespace",
        name: "n",
        tools: [{ type: "function", name: "f", parameters: null, strict: false }],
      },
      { type: "code_interpreter", container: { type: "auto" } },
    ],
    tool_choice: { type: "custom", name: "c" },
    text: { format: { type: "json_schema", name: "a", schema, strict: false }, verbosity: "low" },
    reasoning: { effort: "high", summary: null },
    metadata: { a: "b" },
    temperature: 0.5,
    user: "u",
  });
});
