/** A call reaches the tool that the request names, however its name ends. */

import {
  chatCompletion,
  chatCompletionChunks,
  createHarmonyHandler,
  promptFromChat,
  promptFromResponses,
  response,
} from "harmony-wasm/openai";
import { expect, it, test } from "vitest";
import { encoding, ids, SDKS, scripted } from "./ai-sdk-support.ts";

const CALL = " to=functions.tojson<|channel|>commentary<|message|>{}<|call|>";
const tool = (name: string) => ({ name, parameters: { type: "object", properties: {} } });
const chatTool = (name: string) => ({ type: "function" as const, function: tool(name) });
const messages = [{ role: "user" as const, content: "hi" }];
const called = (names: string[], completion: string) => {
  const prompt = promptFromChat(encoding, { messages, tools: names.map(chatTool) });
  const { message } = chatCompletion(encoding, prompt, ids(completion)).choices[0] ?? {};
  return (message?.tool_calls ?? []).map((call) => call.type === "function" && call.function.name);
};

it.each([
  [["tojson"], CALL, "tojson"],
  [["to", "tojson"], CALL, "tojson"],
  [["to"], CALL, "to"],
  [["runcode"], " to=functions.runcode<|channel|>commentary<|message|>{}<|call|>", "runcode"],
  [["tojson"], "<|channel|>commentary to=functions.tojsonjson<|message|>{}<|call|>", "tojson"],
  [["search"], "<|channel|>commentary search<|message|>{}<|call|>", "search"],
])("of %j, %j calls %s", (names, completion, name) => {
  expect(called(names, completion)).toEqual([name]);
});

it("in a stream", async () => {
  const prompt = promptFromChat(encoding, { messages, tools: [chatTool("tojson")] });
  const names: string[] = [];
  for await (const { choices } of chatCompletionChunks(encoding, prompt, [...ids(CALL)])) {
    for (const call of choices[0]?.delta.tool_calls ?? []) names.push(call.function?.name ?? "");
  }
  expect(names.join("")).toBe("tojson");
});

it("in Responses, beside namespaces and the tools that the models were trained with", () => {
  const tools = [
    { type: "function", ...tool("tojson") },
    { type: "namespace", name: "crm", tools: [{ type: "function", ...tool("lookup") }] },
    { type: "web_search" },
    { type: "code_interpreter", container: { type: "auto" } },
  ];
  const builtinTools = ["browser", "python"] as const;
  const prompt = promptFromResponses(encoding, { input: "hi", tools }, { builtinTools });
  const itemOf = (header: string) =>
    response(encoding, prompt, ids(` to=${header}<|message|>{}<|call|>`)).output[0];
  expect(itemOf("functions.tojson<|channel|>commentary")).toMatchObject({ name: "tojson" });
  const lookup = { type: "function_call", namespace: "crm", name: "lookup" };
  expect(itemOf("crm.lookupjson<|channel|>commentary")).toMatchObject(lookup);
  const search = { type: "web_search_call", harmony: { name: "browser.search" } };
  expect(itemOf("browser.searchcode<|channel|>analysis")).toMatchObject(search);
  const code = { type: "code_interpreter_call", code: "{}" };
  expect(itemOf("pythoncode<|channel|>analysis")).toMatchObject(code);
});

it("breaks nothing that the request asks for", async () => {
  const { backend } = scripted(CALL);
  const handler = createHarmonyHandler({ backend, encoding });
  const body = { messages, tools: [chatTool("tojson")], tool_choice: "required" };
  const request = { method: "POST", body: JSON.stringify(body) };
  const answer = await handler(new Request("http://harmony/v1/chat/completions", request));
  const { choices, harmony } = await answer.json();
  expect(choices[0].message.tool_calls[0].function.name).toBe("tojson");
  expect(harmony).toBe(undefined);
});

test.each(SDKS)("%s: the tool runs, and its turn is continued", async (_name, sdk) => {
  const { model, requests } = scripted(CALL, "<|channel|>final<|message|>Done.<|return|>");
  const inputSchema = sdk.jsonSchema({ type: "object", properties: {} });
  const tojson = sdk.tool({ inputSchema, execute: async () => "It ran." });
  const stopWhen = sdk.stepCountIs(3);
  const { text } = await sdk.generateText({ model, prompt: "hi", tools: { tojson }, stopWhen });
  expect(text).toBe("Done.");
  const [first = [], second = []] = requests.map(({ promptTokens }) => [...promptTokens]);
  expect(encoding.decode(second)).toContain(
    "functions.tojson to=assistant<|channel|>commentary<|message|>It ran.",
  );
  // Rendered again, the call would have a content type.
  expect(second.slice(0, first.length + ids(CALL).length)).toEqual([...first, ...ids(CALL)]);
});
