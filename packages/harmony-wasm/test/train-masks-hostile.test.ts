/** Hostile arguments for lossMask and labels throw the right error, and the next call works. */

import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
import { labels, lossMask } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { expectRefusal, failureOf, hostile, type Refusal } from "./support.js";

const rendered = loadHarmonyEncodingSync().renderWithSpans([userMessage("hello world")]);
const [span] = rendered.spans;
const { tokens } = rendered;
const places = "ascending positions from 0 to 6";
const disguised = Object.setPrototypeOf([1], Uint32Array.prototype);

const mask = (given: unknown, options?: unknown) => () =>
  lossMask(hostile(given), hostile(options));
const masked = (options: unknown) => mask(rendered, options);
const spans = (...given: unknown[]) => mask({ tokens, spans: given });

const LOSS_MASK: Refusal[] = [
  ["nothing", mask(undefined), "TypeError", '"rendered" expected tokens and spans, got undefined'],
  ["null", mask(null), "TypeError", '"rendered" expected tokens and spans, got null'],
  ["no tokens", mask({ spans: [] }), "TypeError", '"rendered.tokens" expected a Uint32Array'],
  [
    "an array",
    mask({ tokens: [1], spans: [] }),
    "TypeError",
    '"rendered.tokens" expected a Uint32',
  ],
  [
    "a disguise",
    mask({ tokens: disguised, spans: [] }),
    "TypeError",
    "expected a Uint32Array, got",
  ],
  [
    "no spans",
    mask({ tokens }),
    "TypeError",
    '"rendered.spans" expected an array of spans, got und',
  ],
  ["null as a span", spans(null), "TypeError", '"rendered.spans[0]" expected a span, got null'],
  ["an empty span", spans({}), "RangeError", `"rendered.spans[0]" expected ${places}, got ,,,`],
  ["past the end", spans({ ...span, end: 7 }), "RangeError", `expected ${places}, got 0,3,5,7`],
  ["descending", spans({ ...span, start: 4 }), "RangeError", `expected ${places}, got 4,3,5,6`],
  ["fractions", spans({ ...span, start: 0.5 }), "RangeError", `expected ${places}, got 0.5,3,5,6`],
  ["negative", spans({ ...span, start: -1 }), "RangeError", `expected ${places}, got -1,3,5,6`],
  [
    "one twice",
    spans(span, span),
    "RangeError",
    '"rendered.spans[1]" expected ascending positions fr',
  ],
  ["no options", masked(7), "TypeError", '"options" expected an object, got 7'],
  [
    "an unknown option",
    masked({ role: "user" }),
    "TypeError",
    '"options" has no option "role", onl',
  ],
  [
    "another preset",
    masked({ preset: "all" }),
    "TypeError",
    '"options.preset" expected one of body',
  ],
  [
    "a name of Object's",
    masked({ preset: "toString" }),
    "TypeError",
    '"options.preset" expected one',
  ],
  ["preset 7", masked({ preset: 7 }), "TypeError", "trl, megatron, sampled, got 7"],
  [
    "a role as text",
    masked({ roles: "user" }),
    "TypeError",
    '"options.roles" expected an array of s',
  ],
  [
    "role 7",
    masked({ roles: ["user", 7] }),
    "TypeError",
    '"options.roles[1]" expected a string, got 7',
  ],
  [
    "an unknown role",
    masked({ roles: ["usr"] }),
    "TypeError",
    '"options.roles[0]" expected one of user, assistant, system, developer, tool, got "usr"',
  ],
  [
    "channels {}",
    masked({ channels: {} }),
    "TypeError",
    '"options.channels" expected an array of st',
  ],
  [
    "analysis 1",
    masked({ analysis: 1 }),
    "TypeError",
    '"options.analysis" expected a boolean, got 1',
  ],
  [
    "lastTurnOnly 1",
    masked({ lastTurnOnly: 1 }),
    "TypeError",
    '"options.lastTurnOnly" expected a bo',
  ],
  [
    "messages {}",
    masked({ messages: {} }),
    "TypeError",
    '"options.messages" expected a function or',
  ],
  [
    "too few messages",
    masked({ messages: [], roles: ["user"] }),
    "TypeError",
    '"options.messages[0]" expected a boolean, got undefined',
  ],
  [
    "a function that answers 1",
    masked({ messages: () => 1, roles: ["user"] }),
    "TypeError",
    '"options.messages(0)" expected a boolean, got 1',
  ],
];

const LABELS: Refusal[] = [
  ["no ids", () => labels(hostile(7), []), "TypeError", '"tokens" expected token ids, got 7'],
  ["an id of -1", () => labels([-1], [1]), "RangeError", '"tokens[0]" expected an integer from 0'],
  [
    "no mask",
    () => labels([1], hostile(null)),
    "TypeError",
    '"lossMask" expected a Uint8Array, got n',
  ],
  [
    "a shorter mask",
    () => labels([1, 2], [1]),
    "RangeError",
    '"lossMask" expected 2 values, one per id, got 1',
  ],
  [
    "a longer mask",
    () => labels([1], [1, 1]),
    "RangeError",
    '"lossMask" expected 1 values, one per id, got 2',
  ],
  [
    "2 in a mask",
    () => labels([1, 2], [1, 2]),
    "RangeError",
    '"lossMask[1]" expected 0 or 1, got 2',
  ],
  ["true in a mask", () => labels([1], hostile([true])), "RangeError", "expected 0 or 1, got true"],
];

describe.each(Object.entries({ LOSS_MASK, LABELS }))("%s", (_, rows) => {
  it.each(rows)("%s", async (_, call, error, says) => {
    await expectRefusal(call, error, says);
    expect(lossMask(rendered)).toHaveLength(6);
  });
});

it("passes on the user's own error", async () => {
  const own = new Error("the user's own");
  const messages = () => {
    throw own;
  };
  expect(await failureOf(() => lossMask(rendered, { messages, roles: ["user"] }))).toBe(own);
});
