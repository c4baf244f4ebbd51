/** The ranges of the numbers that steer the sampling: OpenAI's, but for those that docs/openai.md names. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  createHarmonyHandler,
  promptFromChat,
  promptFromResponses,
  type RequestError,
} from "harmony-wasm/openai";
import { describe, expect, it, test } from "vitest";

const encoding = loadHarmonyEncodingSync();
const messages = [{ role: "user", content: "2 + 2?" }];
const chat = (fields: object) => promptFromChat(encoding, { messages, ...fields });
const responses = (fields: object) => promptFromResponses(encoding, { input: "2 + 2?", ...fields });

const COUNTS = {
  taken: [1, 131_072, 2 ** 31 - 1],
  refused: [0, -1, -5, 1.5, 1e30, 2 ** 31],
  range: "a whole number from 1 to 2147483647",
};
const TEMPERATURE = {
  // Engines have no maximum.
  taken: [0, 0.5, 2, 5],
  refused: [-5, -0.1],
  range: "a number of at least 0",
};
const TOP_P = { taken: [0, 0.9, 1], refused: [7, -0.1, 1.01], range: "a number from 0 to 1" };
const PENALTY = { taken: [-2, 0, 2], refused: [-2.1, 2.1, 99], range: "a number from -2 to 2" };
const TOP_LOGPROBS = {
  taken: [0, 20],
  refused: [-1, 21, 100, 0.5],
  range: "a whole number from 0 to 20",
};

const CHAT = {
  max_tokens: COUNTS,
  max_completion_tokens: COUNTS,
  temperature: TEMPERATURE,
  top_p: TOP_P,
  presence_penalty: PENALTY,
  frequency_penalty: PENALTY,
  top_logprobs: TOP_LOGPROBS,
  n: { taken: [1, 128], refused: [0, -1, 1.5, 129], range: "a whole number from 1 to 128" },
  seed: { taken: [0, -1, 2 ** 63], refused: [1.5], range: "a whole number" },
};
const RESPONSES = {
  max_output_tokens: COUNTS,
  temperature: TEMPERATURE,
  top_p: TOP_P,
  top_logprobs: TOP_LOGPROBS,
};

function refusal(call: () => unknown): Partial<RequestError> | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return Object(error);
  }
}

describe.each([
  ["Chat Completions", chat, CHAT],
  ["Responses", responses, RESPONSES],
] as const)("%s", (_, prompt, fields) => {
  it.each(Object.entries(fields))("%s", (name, { taken, refused, range }) => {
    for (const value of [...taken, null]) prompt({ [name]: value });
    for (const value of refused) {
      expect(refusal(() => prompt({ [name]: value }))).toMatchObject({
        code: "unsupported_value",
        path: name,
        reason: `expected ${range}, got ${value}`,
      });
    }
  });
});

test("logit_bias", () => {
  expect(chat({ logit_bias: { "200002": -100, "7": 100 } }).sampling.logitBias).toEqual({
    "200002": -100,
    "7": 100,
  });
  for (const [bias, path, reason] of [
    [{ "7": -101 }, "logit_bias.7", "expected a number from -100 to 100, got -101"],
    [{ word: 1 }, "logit_bias.word", 'expected token ids as names, got "word"'],
  ] as const) {
    expect(refusal(() => chat({ logit_bias: bias }))).toMatchObject({ path, reason });
  }
});

test.each([
  ["/v1/chat/completions", { messages, max_completion_tokens: -5 }, "max_completion_tokens"],
  ["/v1/chat/completions", { messages, n: 2 }, "n"],
  ["/v1/responses", { input: "Hi", top_p: 7 }, "top_p"],
])("%s answers 400 and names the field in %o", async (path, body, param) => {
  const backend = {
    generate(): never {
      throw new Error("the engine is not asked");
    },
  };
  const handler = createHarmonyHandler({ backend, encoding });
  const init = { method: "POST", body: JSON.stringify(body) };
  const response = await handler(new Request(`http://server${path}`, init));
  expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
});
