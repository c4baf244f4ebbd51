/** Schemas that upstream renders as any, from public packages and by hand, rewritten by simplifySchema. */

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { developerMessage, functionTools, loadHarmonyEncodingSync } from "harmony-wasm";
import {
  conversationFromChatCompletions,
  promptFromChat,
  promptFromResponses,
  type SchemaLoss,
  simplifySchema,
} from "harmony-wasm/openai";
import { describe, expect, it } from "vitest";
import { treeOf } from "../src/openai/json/tree.ts";
import { collapsedPaths } from "../src/openai/schemas/expressible.ts";

type Schema = Record<string, unknown>;

const VECTORS = new URL("../../../test-vectors/", import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, VECTORS), "utf8"));
const { schemas }: { schemas: { name: string; schema: Schema }[] } = read("openai/schemas.json");
const vectors: Record<string, { tokens: number[] }> = read(
  "expected/simplified-schemas.json",
).expected;
const encoding = loadHarmonyEncodingSync();
const treeOfValue = (value: unknown) => treeOf(JSON.stringify(value));

const message = (parameters: Schema) =>
  developerMessage({ tools: functionTools([{ name: "f", description: "", parameters }]) });
const idsOf = (parameters: Schema) => Array.from(encoding.render(message(parameters)));
const rendered = (parameters: Schema) => encoding.decodeUtf8(encoding.render(message(parameters)));

describe("the schemas of test-vectors/openai/schemas.json", () => {
  it("are all there", () => {
    expect(schemas.map(({ name }) => name).toSorted()).toEqual(Object.keys(vectors).toSorted());
    const collapse = schemas.filter(
      ({ schema }) => !collapsedPaths(treeOfValue(schema), "").next().done,
    );
    expect([schemas.length, collapse.length]).toEqual([33, 30]);
  });

  it.each(schemas)("$name has the ids of native upstream", ({ name, schema }) => {
    const simple = simplifySchema(schema);
    expect(idsOf(simple)).toEqual(vectors[name]?.tokens);
    const collapses = !collapsedPaths(treeOfValue(schema), "").next().done;
    if (collapses) expect(idsOf(schema)).not.toEqual(idsOf(simple));
    expect(idsOf(simplifySchema(simple))).toEqual(idsOf(simple));
    expect(JSON.stringify(simple)).not.toMatch(/"(?:\$ref|\$defs|allOf|anyOf|const)":/);
  });
});

describe("text", () => {
  it("that upstream renders in full stays the same text", () => {
    const text =
      '{ "type":"object", "properties": {"b":{"type":"number","default":1.0}, "1": true} }';
    expect(simplifySchema(text)).toBe(text);
  });
  it("keeps its numbers and the order of its keys", () => {
    const text =
      '{"properties":{"b":{"const":1.50},"10":{"anyOf":[{"type":"integer"}],"default":1e2}}}';
    expect(simplifySchema(text)).toBe(
      '{"properties":{"b":{"enum":[1.50],"type":"number","description":"Allowed number: 1.50."},"10":{"type":"integer","default":1e2}},"type":"object"}',
    );
  });
});

describe("schemas that are refused", () => {
  const cyclic: Record<string, unknown> = { type: "object" };
  cyclic.properties = { self: cyclic };
  const deep = `${'{"not":'.repeat(600)}{}${"}".repeat(600)}`;
  it.each([
    ["a validator", { "~standard": {} }, TypeError],
    ["an object that contains itself", cyclic, TypeError],
    ["no object", 5 as unknown as object, TypeError],
    ["text that is not JSON", "{", expect.objectContaining({ code: "invalid_json" })],
    ["too many levels", deep, expect.objectContaining({ code: "too_deep" })],
  ])("%s", (_name, schema, error) => {
    expect(() => simplifySchema(schema as object)).toThrow(error);
  });
});

describe("references", () => {
  it("that double at every level are cut off, with a report", () => {
    const $defs: Record<string, Schema> = { d40: { type: "string" } };
    for (let at = 0; at < 40; at += 1) {
      const next = { $ref: `#/$defs/d${at + 1}` };
      $defs[`d${at}`] = { type: "object", properties: { a: next, b: next } };
    }
    const losses: SchemaLoss[] = [];
    const schema = { $ref: "#/$defs/d0", $defs };
    const simple = simplifySchema(schema, { onLoss: (loss) => losses.push(loss) });
    expect(JSON.stringify(simple).length).toBeLessThan(2_000_000);
    expect(losses[0]?.reason).toContain("is not expanded again");
    expect(rendered(simple)).toContain("Has the same form as");
  });

  it("in allOf and anyOf that double at every level end too", () => {
    const $defs: Record<string, Schema> = { d30: { type: "string" } };
    for (let at = 0; at < 30; at += 1) {
      const next = { $ref: `#/$defs/d${at + 1}` };
      $defs[`d${at}`] = at % 2 === 0 ? { allOf: [next, next] } : { anyOf: [next, next] };
    }
    expect(rendered(simplifySchema({ $ref: "#/$defs/d0", $defs }))).toContain("| string");
  });

  it("that lead far down are cut off before upstream's reader refuses the depth", () => {
    const $defs: Record<string, Schema> = { d300: { type: "string" } };
    for (let at = 0; at < 300; at += 1) {
      $defs[`d${at}`] = {
        type: "object",
        properties: { a: { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { type: "null" }] } },
      };
    }
    expect(rendered(simplifySchema({ $ref: "#/$defs/d0", $defs }))).toContain("a?:");
  });
});

const scalar = fc.constantFrom<Schema[]>(
  { type: "string" },
  { type: "integer" },
  { type: ["number", "null"] },
  { type: "boolean" },
  { type: "null" },
  { const: "a" },
  { const: 2 },
  { enum: ["a", "b", null] },
  { enum: [1, "a", false] },
  { type: "integer", enum: [1, 2] },
  { $ref: "#/$defs/word" },
  { $ref: "#/$defs/tree" },
  { not: { type: "string" } },
  {},
);
const { schema: anySchema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ type: fc.constant("object"), additionalProperties: tie("schema") }),
    fc.record({
      type: fc.constantFrom("object", ["object", "null"]),
      properties: fc.record({ a: tie("schema"), b: tie("schema") }, { requiredKeys: ["a"] }),
      required: fc.subarray(["a"]),
    }),
  ),
}));
const $defs = {
  word: { type: "string", enum: ["a", "c"] },
  tree: {
    type: "object",
    properties: { a: { $ref: "#/$defs/tree" } },
    additionalProperties: false,
  },
};
const leaf = fc.constantFrom(null, true, false, 1, 2, 2.5, "a", "c", "z");
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "x"), tie("value"), { maxKeys: 2 }),
  ),
}));

describe("random schemas", () => {
  it("accept what they accepted before", () => {
    const ajv = new Ajv({ strict: false, addUsedSchema: false });
    const anyOf = (schema: Schema) =>
      JSON.parse(JSON.stringify(schema).replaceAll('"oneOf":', '"anyOf":'));
    let accepted = 0;
    fc.assert(
      fc.property(
        anySchema,
        fc.array(anyValue, { minLength: 8, maxLength: 8 }),
        (given, values) => {
          const schema = { ...given, $defs };
          const [before, after] = [ajv.compile(schema), ajv.compile(anyOf(simplifySchema(schema)))];
          for (const value of values.filter((each) => before(each))) {
            accepted += 1;
            expect(after(value), `${JSON.stringify(schema)} of ${JSON.stringify(value)}`).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 500, seed: 12 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it("are reported exactly where upstream renders any for something", () => {
    let reported = 0;
    fc.assert(
      fc.property(scalar, (given) => {
        const paths = [
          ...collapsedPaths(treeOfValue({ type: "object", properties: { x: given } }), ""),
        ];
        const isAny = rendered({ type: "object", properties: { x: given } }).includes("x?: any");
        const saysNothing = Object.keys(given).length === 0;
        expect(paths).toEqual(isAny && !saysNothing ? ["properties.x"] : []);
        reported += paths.length;
      }),
      { seed: 12 },
    );
    expect(reported).toBeGreaterThan(10);
  });
});

describe("tools of a request", () => {
  const parameters = {
    type: "object",
    properties: {
      unit: { anyOf: [{ enum: ["C", "F"] }, { type: "null" }] },
      n: { type: "number" },
    },
  };
  const tool = { type: "function", function: { name: "f", description: "", parameters } };
  const messages = [{ role: "user", content: "hi" }];
  const path = "tools[0].function.parameters.properties.unit";

  it("are warned of where a parameter collapses", () => {
    const { warnings } = promptFromChat(encoding, { messages, tools: [tool] });
    expect(warnings).toMatchObject([{ code: "collapsed_schema", param: path }]);
    const flat = { type: "function", name: "f", parameters };
    const responses = promptFromResponses(encoding, { input: "hi", tools: [flat] });
    expect(responses.warnings).toMatchObject([
      { code: "collapsed_schema", param: "tools[0].parameters.properties.unit" },
    ]);
  });

  it("are simplified when asked, and constrained by what they were", () => {
    const options = { simplifySchemas: true };
    const prompt = promptFromChat(encoding, { messages, tools: [tool] }, options);
    expect(prompt.warnings).toEqual([]);
    expect(encoding.decodeUtf8(prompt.tokens)).toContain('unit?: "C" | "F" | null,');
    expect(prompt.tools.get("functions.f")).toEqual({
      recipient: "functions.f",
      name: "f",
      type: "function",
      strict: false,
      parameters: JSON.stringify(parameters),
    });
    const row = JSON.stringify({ messages, tools: [tool] });
    expect(conversationFromChatCompletions(row, options)).toContain('"nullable":true');
    expect(conversationFromChatCompletions(row)).not.toContain('"nullable":true');
  });

  it("are warned of where nothing simpler says it", () => {
    const schema = { type: "object", properties: { x: { $ref: "https://example.com/x" } } };
    const given = { type: "function", function: { name: "f", parameters: schema } };
    const options = { simplifySchemas: true };
    const { warnings } = promptFromChat(encoding, { messages, tools: [given] }, options);
    expect(warnings).toMatchObject([
      { code: "collapsed_schema", param: "tools[0].function.parameters.properties.x" },
    ]);
  });
});
