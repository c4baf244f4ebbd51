import { describe, expect, it } from "vitest";
import { answer, between, CALL, question, said, toolsOf } from "./chat-row-texts.ts";

const parameters = { type: "object", properties: { a: { type: "string" } } };
const TYPE = "type f = (_: {\na?: string,\n})";
const TOOLS: [name: string, tools: unknown, text: string][] = [
  ["MCP's", [{ name: "f", inputSchema: parameters }], TYPE],
  ["Anthropic's", [{ name: "f", input_schema: parameters }], TYPE],
  ["a schema as JSON text", [{ name: "f", parameters: JSON.stringify(parameters) }], TYPE],
  ["a list as JSON text", JSON.stringify([{ name: "f", parameters }]), TYPE],
  ["each as JSON text", [JSON.stringify({ name: "f", parameters })], TYPE],
  ["one as JSON text", JSON.stringify({ name: "f", parameters }), "refused at tools"],
  ["null as JSON text", "null", ""],
  ["an empty schema", [{ name: "f", parameters: "" }], "type f = ()"],
  [
    "capitals",
    [{ name: "f", parameters: { type: "OBJECT", properties: { a: { type: "String" } } } }],
    TYPE,
  ],
  [
    "types of BFCL",
    [{ name: "f", parameters: { type: "dict", properties: { a: { type: "float" } } } }],
    "type f = (_: {\na?: number,\n})",
  ],
  [
    "types of Python",
    [
      {
        name: "f",
        parameters: {
          type: "object",
          properties: {
            a: { type: "List[str]" },
            b: { type: "Optional[int]" },
            c: { type: "Union[str, float]" },
            d: { type: "int | None" },
            e: { type: "List[List[int]]" },
            f: { type: "tuple" },
            g: { type: "list[int]", items: { type: "str" } },
            h: { type: "Any" },
          },
        },
      },
    ],
    "type f = (_: {\na?: string[],\nb?: number | null,\nc?: string | number,\nd?: number | null,\n" +
      "e?: number[][],\nf?: Array<any>,\ng?: string[],\nh?: any,\n})",
  ],
  [
    "types of nobody",
    [{ name: "f", parameters: { type: "object", properties: { a: { type: "Callable[int]" } } } }],
    "refused at tools[0].parameters.properties.a.type",
  ],
  [
    "arguments without a schema, as xLAM's",
    [
      {
        name: "f",
        parameters: {
          a: { type: "str", description: "A." },
          b: { type: "str, optional" },
          c: { type: "int", default: 3 },
          d: { type: "Optional[str]" },
          e: { type: "bool", required: false },
        },
      },
    ],
    "type f = (_: {\n// A.\na: string,\nb?: string,\nc?: number, // default: 3\nd?: string | null,\ne?: boolean,\n})",
  ],
  ["two of one name", [{ name: "f" }, { name: "f" }], "refused at tools[1].name"],
  ["their namespace in the name", [{ name: "functions.f" }], "refused at tools[0].name"],
  [
    "markup in a description",
    [{ name: "f", description: "Ends at <|end|>." }],
    "refused at tools[0].description",
  ],
  [
    "markup in a schema",
    [{ name: "f", parameters: { type: "object", properties: { a: { title: "<|end|>" } } } }],
    "refused at tools[0].parameters",
  ],
  [
    "Bedrock's",
    [{ name: "f", inputSchema: { json: parameters } }],
    "refused at tools[0].inputSchema",
  ],
  ["another name of the schema", [{ name: "f", args: parameters }], "refused at tools[0].args"],
  ["a schema of results", [{ name: "f", response: parameters }], "type f = ()"],
  ["a name with a space", [{ name: "a b", parameters }], "refused at tools[0].name"],
];

describe("tools", () => {
  it.each(TOOLS)("%s", (_name, tools, text) => expect(toolsOf(tools)).toBe(text));
  it("are in one field", () => {
    const functions = [{ name: "g" }];
    expect(toolsOf([{ name: "f" }], { functions })).toBe("refused at functions");
    expect(toolsOf([], { functions })).toBe("type g = ()");
  });
});

describe("arguments", () => {
  const args = (given: unknown, properties?: object) => {
    const call = { id: "1", function: { name: "f", arguments: given } };
    const tools = properties ? [{ name: "f", parameters: { type: "object", properties } }] : [];
    const text = between({
      messages: [question, { role: "assistant", tool_calls: [call] }, answer],
      tools,
    });
    return text.slice(text.indexOf(CALL) + CALL.length).replace("<|call|>", "");
  };
  it.each([
    ["null", null, undefined, "{}"],
    ["empty text", "", undefined, ""],
    ["an empty object", {}, undefined, "{}"],
    ["a null that no schema explains", { a: null }, undefined, '{"a": null}'],
    ["a null of an unknown member", { a: 1, b: null }, { a: { type: "integer" } }, '{"a": 1}'],
    [
      "a null of an optional member",
      { a: 1, b: null },
      { a: {}, b: { type: "string" } },
      '{"a": 1}',
    ],
    ["a null that is a value", { a: null }, { a: { type: ["string", "null"] } }, '{"a": null}'],
    ["a null by default", { a: null }, { a: { type: "string", default: null } }, '{"a": null}'],
    [
      "nulls in lists",
      { l: [{ p: 1, q: null }] },
      { l: { type: "array", items: { type: "object", properties: { p: {} } } } },
      '{"l": [{"p": 1}]}',
    ],
  ])("%s", (_name, given, properties, text) => expect(args(given, properties)).toBe(text));

  it.each([[[1]], [3], [true]])("that are %j are refused", (given) => {
    const call = { function: { name: "f", arguments: given } };
    expect(said({ tool_calls: [call] })).toBe(
      "refused at messages[1].tool_calls[0].function.arguments",
    );
  });

  it("are read from calls that are JSON text, and from function_call", () => {
    const calls = '[{"id": "1", "function": {"name": "f", "arguments": {"a": 1.50}}}]';
    expect(said({ tool_calls: calls })).toBe(`${CALL}{"a": 1.50}<|call|>`);
    expect(said({ content: "x", tool_calls: "", function_call: { name: "", arguments: "" } })).toBe(
      "<|start|>assistant<|channel|>final<|message|>x<|end|>",
    );
    const call = { name: "f", arguments: "{}" };
    expect(said({ function_call: call, tool_calls: [{ function: call }] })).toBe(
      "refused at messages[1].function_call",
    );
  });
});

const call = (name: string, id?: unknown) => ({ id, function: { name, arguments: "{}" } });
const tool = (fields: object) => ({ role: "tool", ...fields });
/** The results of a row, as their tool and their text. */
function results(calls: object[], ...given: object[]): string {
  const messages = [question, { role: "assistant", tool_calls: calls }, ...given, answer];
  const text = between({ messages });
  if (text.startsWith("refused")) return text;
  const pattern = /functions\.(\w) to=assistant<\|channel\|>\w+<\|message\|>(.*?)<\|end\|>/g;
  return Array.from(text.matchAll(pattern), ([, name, content]) => `${name}:${content}`).join(" ");
}
const RESULTS: [name: string, calls: object[], given: object[], wanted: string][] = [
  [
    "by id",
    [call("f", "1"), call("g", "2")],
    [tool({ tool_call_id: "2", content: "y" }), tool({ tool_call_id: "1", content: "x" })],
    "f:x g:y",
  ],
  [
    "of one tool, by id",
    [call("f", "1"), call("f", "2")],
    [tool({ tool_call_id: "2", content: "y" }), tool({ tool_call_id: "1", content: "x" })],
    "f:x f:y",
  ],
  [
    "without ids",
    [call("f"), call("g")],
    [tool({ content: "x" }), tool({ content: "y" })],
    "f:x g:y",
  ],
  [
    "with empty ids",
    [call("f", ""), call("g", "")],
    [tool({ tool_call_id: "", content: "x" }), tool({ tool_call_id: "", content: "y" })],
    "f:x g:y",
  ],
  [
    "with numbers as ids",
    [call("f", 1), call("g", 2)],
    [tool({ tool_call_id: 2, content: "y" })],
    "g:y",
  ],
  [
    "by Ollama's name",
    [call("f"), call("g")],
    [tool({ tool_name: "g", content: "y" }), tool({ tool_name: "f", content: "x" })],
    "f:x g:y",
  ],
  [
    "with ids that the calls lack",
    [call("f"), call("g")],
    [
      tool({ tool_call_id: "a", content: "x" }),
      tool({ tool_call_id: "b", name: "g", content: "y" }),
    ],
    "f:x g:y",
  ],
  [
    "with an unknown id",
    [call("f", "1")],
    [tool({ tool_call_id: "2", content: "x" })],
    "refused at messages[2].tool_call_id",
  ],
  [
    "of another tool than the call",
    [call("f", "1"), call("g", "2")],
    [tool({ tool_call_id: "1", name: "g", content: "x" })],
    "refused at messages[2].name",
  ],
  [
    "twice for one call",
    [call("f", "1")],
    [tool({ tool_call_id: "1", content: "x" }), tool({ tool_call_id: "1", content: "y" })],
    "refused at messages[3].tool_call_id",
  ],
  [
    "with one id for two calls",
    [call("f", "1"), call("g", "1")],
    [],
    "refused at messages[1].tool_calls[1].function",
  ],
  ["as a list", [call("f", "1")], [tool({ content: [{ t: 20 }] })], 'f:[{"t": 20}]'],
  [
    "as parts",
    [call("f", "1")],
    [tool({ content: [{ type: "text", text: "x", image_url: null }] })],
    "f:x",
  ],
  ["null", [call("f", "1")], [tool({ content: null })], "refused at messages[2].content"],
];

describe("results", () => {
  it.each(RESULTS)("%s", (_name, calls, given, text) => {
    expect(results(calls, ...given)).toBe(text);
  });
});
