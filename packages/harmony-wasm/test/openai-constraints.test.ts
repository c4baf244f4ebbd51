/**
 * Constraints on real engines: xgrammar, as in vLLM and SGLang, and llama.cpp's
 * server. What random weights write under them parses and validates; another
 * validator than ours says so.
 */

import { Ajv2020 } from "ajv/dist/2020.js";
import { type LlamaServer, llamaServer } from "harmony-conformance/engine/llama-server";
import { tinyModel } from "harmony-conformance/engine/tiny-model";
import { ConstrainedSampler } from "harmony-conformance/engine/xgrammar";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type Backend,
  type ChatCompletion,
  completionsBackend,
  createHarmonyHandler,
  llamaCppBackend,
  type MessageConstraint,
  promptFromChat,
} from "harmony-wasm/openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engine } from "./backend-server.ts";

const encoding = loadHarmonyEncodingSync();

let llama: LlamaServer;
let xgrammar: ConstrainedSampler;
beforeAll(async () => {
  llama = await llamaServer(tinyModel());
  xgrammar = await ConstrainedSampler.load(encoding);
});
afterAll(() => llama.close());

/** A schema whose values are short: random text does not end by itself. */
const schema = {
  type: "object",
  properties: {
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
    days: { type: "integer", minimum: 1, maximum: 9 },
    places: {
      type: "array",
      items: { type: "string", enum: ["Oslo", "Rome"] },
      minItems: 1,
      maxItems: 2,
    },
  },
  required: ["unit", "days", "places"],
  additionalProperties: false,
};
const messages = [{ role: "user", content: "Weather?" }];
const functions = ["weather", "tides"].map((name) => ({
  type: "function",
  function: { name, parameters: schema },
}));
const REQUESTS = {
  "tool_choice: required": { tools: functions, tool_choice: "required" },
  "a named tool": {
    tools: functions,
    tool_choice: { type: "function", function: { name: "tides" } },
  },
  allowed_tools: {
    tools: functions,
    tool_choice: {
      type: "allowed_tools",
      allowed_tools: {
        mode: "required",
        tools: [{ type: "function", function: { name: "weather" } }],
      },
    },
  },
  "a JSON schema": {
    response_format: { type: "json_schema", json_schema: { name: "forecast", schema } },
  },
  "a JSON schema beside tools": {
    tools: functions,
    response_format: { type: "json_schema", json_schema: { name: "forecast", schema } },
  },
} as const;

const validate = new Ajv2020({ strict: false }).compile(schema);

/** What the answer holds where the constraint applies. */
function constrained({ choices }: ChatCompletion): { name?: string; text: string } {
  const message = choices[0]?.message;
  const call = message?.tool_calls?.[0];
  if (call?.type === "function") return { name: call.function.name, text: call.function.arguments };
  return { text: message?.content ?? "" };
}

function expectKept(answer: ChatCompletion, kind: string): void {
  const { name, text } = constrained(answer);
  expect([validate(JSON.parse(text)), text]).toEqual([true, text]);
  if (kind === "tool_choice: required") expect(["weather", "tides"]).toContain(name);
  if (kind === "a named tool") expect(name).toBe("tides");
  if (kind === "allowed_tools") expect(name).toBe("weather");
  if (kind === "a JSON schema") expect(name).toBe(undefined);
  expect(answer.harmony?.violations).toBe(undefined);
}

async function ask(backend: Backend, body: object) {
  const handler = createHarmonyHandler({ backend, encoding });
  const response = await handler(
    new Request("http://harmony/v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ messages, ...body }),
    }),
  );
  const answer: ChatCompletion = await response.json();
  expect([response.status, answer]).toEqual([200, answer]);
  return { answer, warnings: response.headers.get("harmony-warnings") };
}

/** Random weights write more and more of the white space that JSON allows. */
const WITHOUT_SPACE = Object.fromEntries(
  Array.from({ length: 199_998 }, (_, id) => id)
    .filter((id) => encoding.decode([id]).trim() === "")
    .map((id) => [id, -100]),
);

/** A generator of the same numbers every time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The wire of vLLM, with xgrammar behind it. */
async function vllm(seed: number): Promise<Backend> {
  const { url } = await engine(async (response, { body }) => {
    const token_ids = await xgrammar.sample(Object(body.response_format), randomFrom(seed), 400);
    const finish_reason = token_ids.length < 400 ? "stop" : "length";
    response.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ token_ids, text: "", finish_reason }];
    response.end(`data: ${JSON.stringify({ choices })}\n\ndata: [DONE]\n\n`);
  });
  return completionsBackend({ baseURL: `${url}/v1` });
}

test.each(Object.entries(REQUESTS))("xgrammar: %s", async (kind, body) => {
  let whole = 0;
  for (let seed = 1; seed <= 4; seed += 1) {
    const { answer, warnings } = await ask(await vllm(seed), body);
    expect(warnings).toBe(null);
    if (answer.choices[0]?.finish_reason === "length") continue;
    whole += 1;
    expectKept(answer, kind);
  }
  expect(whole).toBeGreaterThan(1);
});

test.each(Object.entries(REQUESTS))("llama.cpp: %s", async (kind, body) => {
  const backend = llamaCppBackend({ baseURL: llama.url });
  let whole = 0;
  for (let seed = 1; seed <= 4; seed += 1) {
    const request = { ...body, seed, max_tokens: 300, logit_bias: WITHOUT_SPACE };
    const { answer, warnings } = await ask(backend, request);
    expect(warnings).toBe(null);
    if (answer.choices[0]?.finish_reason === "length") continue;
    whole += 1;
    expectKept(answer, kind);
  }
  expect(whole).toBeGreaterThan(1);
});

/** A backend that samples what it likes. */
const writing = (text: string): Backend => ({
  async *generate() {
    yield { tokens: encoding.encode(text, { allowedSpecial: "all" }), finishReason: "stop" };
  },
});
const jsonSchema = REQUESTS["a JSON schema"];
const FINAL = "<|channel|>final<|message|>";
const CALL = "<|channel|>commentary to=functions.tides <|constrain|>json<|message|>";
const GOOD = '{"unit":"celsius","days":2,"places":["Oslo"]}';

test.each([
  ["text", jsonSchema, `${FINAL}It is cold.<|return|>`, "the answer is not JSON", undefined],
  [
    "a value that is not allowed",
    jsonSchema,
    `${FINAL}${GOOD.replace("2", "20")}<|return|>`,
    "the answer:",
    "#/days",
  ],
  [
    "an answer",
    REQUESTS["tool_choice: required"],
    `${FINAL}Cold.<|return|>`,
    "expected a call of functions.weather or functions.tides, got none",
    undefined,
  ],
  [
    "another call",
    REQUESTS.allowed_tools,
    `${CALL}${GOOD}<|call|>`,
    "expected a call of functions.weather, got one of tides",
    undefined,
  ],
  [
    "other arguments",
    REQUESTS["a named tool"],
    `${CALL}{"unit":"kelvin","days":2,"places":["Oslo"]}<|call|>`,
    "the call of tides:",
    "#/unit",
  ],
])(
  "without a constraint, %s is a warning and a violation",
  async (_, body, text, message, path) => {
    const { answer, warnings } = await ask(writing(text), body);
    expect(warnings).toContain("unconstrained");
    const violations = expect.arrayContaining([
      expect.objectContaining({
        message: expect.stringContaining(message),
        ...(path !== undefined && { path }),
      }),
    ]);
    expect(answer.harmony?.violations).toEqual(violations);
  },
);

test("without a constraint, an answer in the requested form has no violations", async () => {
  for (const [body, text] of [
    [jsonSchema, `${FINAL}${GOOD}<|return|>`],
    [REQUESTS["a named tool"], `${CALL}${GOOD}<|call|>`],
    [{ response_format: { type: "json_object" } }, `${FINAL}{}<|return|>`],
  ] as const) {
    const { answer, warnings } = await ask(writing(text), body);
    expect([warnings, answer.harmony?.violations]).toEqual(["unconstrained", undefined]);
  }
});

test("the end of a stream lists the violations, and so does a response", async () => {
  const handler = createHarmonyHandler({ backend: writing(`${FINAL}No.<|return|>`), encoding });
  const sent = async (path: string, body: object) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    const response = await handler(new Request(`http://harmony${path}`, init));
    expect(response.headers.get("harmony-warnings")).toContain("unconstrained");
    return response.text();
  };
  const chat = { messages, ...jsonSchema, stream: true };
  const violation = '"violations":[{"message":"the answer is not JSON"}]';
  expect(await sent("/v1/chat/completions", chat)).toContain(violation);
  const text = { format: { type: "json_schema", name: "forecast", schema } };
  for (const stream of [false, true]) {
    expect(await sent("/v1/responses", { input: "Hi", text, stream })).toContain(violation);
  }
});

test("a server without structural tags gets none, and the answer carries the warning", async () => {
  const bodies: Record<string, unknown>[] = [];
  const { url } = await engine((response, { body }) => {
    bodies.push(body);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const token_ids = Array.from(
      encoding.encode(`${FINAL}{}<|return|>`, { allowedSpecial: "all" }),
    );
    const choices = [{ token_ids, text: "", finish_reason: "stop" }];
    response.end(`data: ${JSON.stringify({ choices })}\n\n`);
  });
  const baseURL = `${url}/v1`;
  const without = await ask(completionsBackend({ baseURL, structuralTags: false }), jsonSchema);
  expect(without.warnings).toContain("unconstrained");
  await ask(completionsBackend({ baseURL }), jsonSchema);
  expect(bodies.map((body) => Object(body.response_format).type)).toEqual([
    undefined,
    "structural_tag",
  ]);
});

test("a grammar that no engine here reads leaves the input free, with the warning", async () => {
  const format = { type: "grammar", grammar: { syntax: "lark", definition: "start: /a+/" } };
  const custom = { type: "custom", custom: { name: "run", format } };
  const body = { tools: [custom], tool_choice: "required", max_tokens: 60 };
  const { warnings } = await ask(llamaCppBackend({ baseURL: llama.url }), body);
  expect(warnings).toContain("unconstrained");
});

test("a regex holds the calls of its tool, and a lark grammar that holds none is a warning", async () => {
  const asked = (syntax: "regex" | "lark") => {
    const format = { type: "grammar" as const, grammar: { syntax, definition: "[a-z]+" } };
    const tools = [{ type: "custom" as const, custom: { name: "run", format } }];
    return promptFromChat(encoding, { messages, tools });
  };
  const { constraint, warnings } = asked("regex");
  expect(constraint).toMatchObject({ mustCall: false, calls: [{ format: { syntax: "regex" } }] });
  expect(warnings).toEqual([]);
  const free = asked("lark");
  expect(free.constraint).toBeUndefined();
  expect(free.warnings).toMatchObject([{ code: "unconstrained", param: "tools[0].custom.format" }]);
});

test("the headers of a constraint are read as what they are", async () => {
  let constraint: MessageConstraint | undefined;
  const backend: Backend = {
    generate: (request) => {
      constraint = request.constraint;
      return writing(`${FINAL}{}<|return|>`).generate(request);
    },
  };
  const [tool] = functions;
  const strict = { ...tool, function: { ...tool?.function, name: "tides", strict: true } };
  await ask(backend, { tools: [strict] });
  const { before = [], last = [] } = constraint ?? {};
  const read = (text: string) => {
    const tokens = encoding.encode(text, { allowedSpecial: "all" });
    return encoding.recoverMessagesFromCompletionTokens(tokens, "assistant").messages;
  };
  const first = before.map(({ header, end }) => `${header.text}Hm.${end.text}`).join("");
  for (const { header } of last) {
    const isCall = header.text.includes("tides");
    const messages = read(`${first}${header.text}{}${isCall ? "<|call|>" : "<|return|>"}`);
    expect(messages.flatMap(({ repairs }) => repairs)).toEqual([]);
    expect(messages.map(({ message }) => [message.channel, message.recipient])).toEqual([
      ["analysis", undefined],
      ["commentary", undefined],
      isCall ? ["commentary", "functions.tides"] : ["final", undefined],
    ]);
  }
  expect(last).toHaveLength(3);
});
