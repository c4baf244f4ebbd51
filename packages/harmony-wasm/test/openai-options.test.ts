/**
 * The options of every function and class that `harmony-wasm/openai` and `harmony-wasm/ai-sdk`
 * export: one that does not exist is refused, at any depth, and so is one of a wrong type. A
 * misspelt `apiKeys` would otherwise make a server that is open to all.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import * as aiSdk from "harmony-wasm/ai-sdk";
import * as openai from "harmony-wasm/openai";
import { describe, expect, it, test } from "vitest";

const encoding = loadHarmonyEncodingSync();
const sampled = encoding.encode("<|channel|>final<|message|>Four.<|return|>", {
  allowedSpecial: "all",
});
const messages = [{ role: "user", content: "2 + 2?" }];
const prompt = openai.promptFromChat(encoding, { messages });
const asked = openai.promptFromResponses(encoding, { input: "2 + 2?" });
const row = JSON.stringify({ messages });
const schema = '{"type": "object"}';
const backend = { async *generate() {} };
const baseURL = "http://127.0.0.1:8000/v1";
const apiKey = ["secret"];

/** A call with options of any kind, as JavaScript allows it. */
type Call = (options: never) => unknown;

interface Case {
  /** Passes the options, and adds what is required. */
  call: Call;
  /** Options that are misspelt, by the place that the error names. */
  unknown: Readonly<Record<string, object>>;
  /** Options of a wrong type, by the place that the error names. */
  wrong?: Readonly<Record<string, object>>;
  /** Whether there have to be options. */
  isRequired?: true;
}

const PROMPT: Omit<Case, "call"> = {
  unknown: { "options ": { reasoning_effort: "high" } },
  wrong: {
    "options.conversationStartDate": { conversationStartDate: 5 },
    "options.reasoningEffort": { reasoningEffort: "Hihg" },
    "options.reasoningEffort ": { reasoningEffort: 5 },
    "options.keepAnalysis": { keepAnalysis: "yes" },
    "options.history": { history: {} },
    "options.unsupported": { unsupported: "ignore" },
    "options.builtinTools": { builtinTools: "browser" },
    "options.builtinTools[0]": { builtinTools: ["bash"] },
  },
};
const ANSWER: Omit<Case, "call"> = {
  unknown: { "options ": { finish_reason: "stop" } },
  wrong: {
    "options.created": { created: "now" },
    "options.finishReason": { finishReason: "eos" },
    "options.newId": { newId: "call_1" },
  },
};
const ROW: Omit<Case, "call"> = {
  unknown: { "options ": { reasoning_effort: "high" } },
  wrong: {
    "options.systemMessage": { systemMessage: "none" },
    "options.reasoningEffort": { reasoningEffort: "hihg" },
  },
};
const ENGINE: Omit<Case, "call"> = {
  unknown: { "options ": { baseUrl: baseURL } },
  wrong: {
    "options.apiKey": { apiKey },
    "options.fetch": { fetch: "node" },
    "options.headers": { headers: "x" },
    "options.baseURL": { baseURL: undefined },
    "options.baseURL ": { baseURL: "127.0.0.1:9/v1" },
    "options.baseURL  ": { baseURL: "localhost:9/v1" },
    "options.baseURL   ": { baseURL: "/v1" },
    "options.baseURL    ": { baseURL: 5 },
  },
  isRequired: true,
};

/** The exports that take options. */
const OPTIONS: Readonly<Record<string, Case>> = {
  promptFromChat: {
    call: (options) => openai.promptFromChat(encoding, { messages }, options),
    ...PROMPT,
  },
  promptFromResponses: {
    call: (options) => openai.promptFromResponses(encoding, { input: "q" }, options),
    ...PROMPT,
  },
  chatCompletion: {
    call: (options) => openai.chatCompletion(encoding, prompt, sampled, options),
    ...ANSWER,
  },
  response: {
    call: (options) => openai.response(encoding, asked, sampled, options),
    ...ANSWER,
  },
  chatCompletionChunks: {
    call: (options) => openai.chatCompletionChunks(encoding, prompt, [sampled], options),
    // Chat Completions has no event for a failure.
    unknown: { ...ANSWER.unknown, "options  ": { failure: () => ({ code: "c", message: "m" }) } },
    wrong: { ...ANSWER.wrong, "options.signal": { signal: {} } },
  },
  responseEvents: {
    call: (options) => openai.responseEvents(encoding, asked, [sampled], options),
    unknown: ANSWER.unknown,
    wrong: { "options.encrypt": { encrypt: "key" }, "options.failure": { failure: {} } },
  },
  conversationFromChatCompletions: {
    call: (options) => openai.conversationFromChatCompletions(row, options),
    ...ROW,
  },
  plainChatRows: { call: (options) => openai.plainChatRows(options), ...ROW },
  simplifySchema: {
    call: (options) => openai.simplifySchema(schema, options),
    unknown: { "options ": { onloss: () => {} } },
    wrong: { "options.onLoss": { onLoss: [] } },
  },
  memoryStore: {
    call: (options) => openai.memoryStore(options),
    unknown: { "options ": { foo: 1 } },
    wrong: { "options.maxBytes": { maxBytes: -1 }, "options.maxBytes ": { maxBytes: "1" } },
  },
  BackendError: {
    call: (options) => new openai.BackendError("failed", options),
    unknown: { "options ": { stauts: 400 } },
    wrong: { "options.status": { status: "400" } },
  },
  completionsBackend: {
    call: (options) => openai.completionsBackend(given({ baseURL }, options)),
    ...ENGINE,
  },
  llamaCppBackend: {
    call: (options) => openai.llamaCppBackend(given({ baseURL }, options)),
    ...ENGINE,
  },
  createHarmonyHandler: {
    call: (options) => openai.createHarmonyHandler(given({ backend }, options)),
    unknown: {
      "options ": { apiKey },
      "options.limits": { limits: { bodybytes: 1 } },
      "options.prompt": { prompt: { reasoning_effort: "high" } },
      // The handler keeps the history of its clients itself.
      "options.prompt ": { prompt: { history: { find: () => undefined } } },
    },
    wrong: {
      "options.backend": { backend: baseURL },
      "options.backend ": { backend: {} },
      "options.models": { models: "gpt-oss" },
      "options.store": { store: new Map() },
      "options.apiKeys": { apiKeys: "secret" },
      "options.apiKeys ": { apiKeys: null },
      "options.apiKeys  ": { apiKeys: [] },
      "options.apiKeys   ": { apiKeys: [""] },
      "options.apiKeys    ": { apiKeys: [undefined] },
      "options.limits": { limits: 5 },
      "options.limits.bodyBytes": { limits: { bodyBytes: "1" } },
      "options.limits.concurrency": { limits: { concurrency: 0 } },
      "options.cors": { cors: "https://example.org" },
      "options.cors[0]": { cors: ["https://app.example.com/"] },
      "options.prompt.reasoningEffort": { prompt: { reasoningEffort: "Hihg" } },
      "options.keepAliveMs": { keepAliveMs: 0 },
      // setTimeout takes more than 2^31 - 1 for 1.
      "options.keepAliveMs ": { keepAliveMs: 1e11 },
      "options.limits.durationMs": { limits: { durationMs: 2 ** 31 } },
      "options.limits.durationMs ": { limits: { durationMs: Number.POSITIVE_INFINITY } },
      "options.onEvent": { onEvent: console },
      "options.encoding": { encoding: {} },
      "options.encryptionKey": { encryptionKey: "short" },
      "options.encryptionKey ": { encryptionKey: 32 },
    },
    isRequired: true,
  },
  createHarmony: {
    call: (options) => aiSdk.createHarmony(given({ backend }, options)),
    unknown: { "options ": { encodings: [] }, "options.prompt": { prompt: { effort: "low" } } },
    wrong: {
      "options.backend": { backend: undefined },
      "options.version": { version: "v9" },
      "options.prompt.reasoningEffort": { prompt: { reasoningEffort: "Hihg" } },
      "options.encoding": { encoding: "harmony" },
    },
    isRequired: true,
  },
  harmonyTextMiddleware: {
    call: (options) => aiSdk.harmonyTextMiddleware(options),
    unknown: { "options ": { striped: true } },
    wrong: {
      "options.stripped": { stripped: "yes" },
      "options.version": { version: "v9" },
      "options.encoding": { encoding: {} },
    },
  },
};

/** The exports that take none: their arguments are values alone. */
const WITHOUT = [
  "CHAT_FIELDS",
  "CHAT_ROW_FIELDS",
  "RequestError",
  "missingMessages",
  "refuseChatFields",
  "shapeSigns",
];

/** The options with the required ones; options that are not an object stay unchanged. */
function given(required: object, options: unknown): never {
  const isPlain = Object.prototype.toString.call(options) === "[object Object]";
  const all = isPlain ? { ...required, ...Object(options) } : options;
  return all as never;
}

test("every export is in one of the tables", () => {
  const exported = [...Object.keys(openai), ...Object.keys(aiSdk)];
  expect([...Object.keys(OPTIONS), ...WITHOUT].sort()).toEqual(exported.sort());
});

describe.each(Object.entries(OPTIONS))("%s", (_, { call, unknown, wrong = {}, isRequired }) => {
  it.each(Object.entries(unknown))("has no such option in %s", (place, options) => {
    const pattern = new RegExp(`^"${escaped(place.trim())}" has no option "\\w+", only \\w+`);
    expect(() => call(options as never)).toThrow(pattern);
    expect(() => call(options as never)).toThrow(TypeError);
  });

  it.each(Object.entries(wrong))("says what %s can be", (place, options) => {
    const pattern = new RegExp(`^"${escaped(place.trim())}" expected `);
    expect(() => call(options as never)).toThrow(pattern);
  });

  it("refuses anything but an object of options", () => {
    for (const options of ["high", 5, [], new Map()]) {
      expect(() => call(options as never)).toThrow(/^"options" (expected |has no option)/);
    }
  });

  it(isRequired ? "needs options" : "needs no options", () => {
    for (const options of [undefined, null]) {
      if (isRequired) {
        expect(() => call(options as never)).toThrow(
          /^"options" expected an object such as \{ \w+ \}/,
        );
      } else expect(() => call(options as never)).not.toThrow();
    }
  });

  it("takes an option that is undefined or null as one that is absent", () => {
    const [name = ""] = Object.keys(
      Object.values(wrong).find((each) => !("apiKeys" in each)) ?? {},
    );
    if (["backend", "baseURL"].includes(name)) return;
    expect(() => call({ [name]: undefined } as never)).not.toThrow();
    expect(() => call({ [name]: null } as never)).not.toThrow();
  });
});

function escaped(place: string): string {
  return place.replace(/[.[\]]/g, "\\$&");
}

test("a handler with a misspelt key is not made", () => {
  const options = { backend, apiKey } as never;
  expect(() => openai.createHarmonyHandler(options)).toThrow(
    '"options" has no option "apiKey", only ',
  );
});

test("the longest time of a timer is one that it counts", () => {
  const longest = 2 ** 31 - 1;
  const limits = { durationMs: longest };
  openai.createHarmonyHandler({ backend, limits, keepAliveMs: longest });
  expect(() => openai.createHarmonyHandler({ backend, limits: { durationMs: 3e9 } })).toThrow(
    '"options.limits.durationMs" expected 1 to 2147483647 milliseconds (24.8 days), got 3000000000',
  );
});

test.each([
  ["https://app.example.com/", "https://app.example.com"],
  ["https://app.example.com/page?x#y", "https://app.example.com"],
  ["https://APP.example.com:443", "https://app.example.com"],
  ["app.example.com", "https://app.example.com"],
  ["localhost:3000", "https://localhost:3000"],
  ["tauri://localhost/", "tauri://localhost"],
  ["not an origin", undefined],
  ["https://*.example.com", undefined],
  ["", undefined],
])("the origin %o is refused, and what browsers send is named", (given, written) => {
  const advice = written === undefined ? "" : `: write "${written}"`;
  const message = `"options.cors[1]" expected an origin such as "https://app.example.com", got "${given}"${advice}`;
  const cors = ["https://a.example", given];
  expect(() => openai.createHarmonyHandler({ backend, cors })).toThrow(new TypeError(message));
});

test("origins as browsers send them are taken", () => {
  const cors = [
    "http://localhost:3000",
    "https://[::1]:8443",
    "chrome-extension://abcdefghijklmnop",
    "tauri://localhost",
    "null",
  ];
  openai.createHarmonyHandler({ backend, cors });
  openai.createHarmonyHandler({ backend, cors: "*" });
  expect(() => openai.createHarmonyHandler({ backend, cors: ["*"] })).toThrow(
    'write "*" without the list',
  );
});

test("an address in the place of the options says what to write", () => {
  for (const make of [openai.completionsBackend, openai.llamaCppBackend]) {
    expect(() => make(baseURL as never)).toThrow(
      `"options" expected { baseURL }, got "${baseURL}": write { baseURL: "${baseURL}" }`,
    );
  }
});
