/** Hostile arguments for samples and packs throw the right error, and the next call works. */

import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
import { createPacker, pack, renderTrainingSamples } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";
import { expectRefusal, hostile, type Refusal } from "./support.js";

const encoding = loadHarmonyEncodingSync();
const conversation = [userMessage("hello world")];
const sample = { tokens: Uint32Array.of(1, 2), lossMask: Uint8Array.of(0, 1) };

const samples =
  (options: unknown, given: unknown = conversation) =>
  () =>
    renderTrainingSamples(encoding, hostile(given), hostile(options));
const shortened = (truncation: unknown) => samples({ truncation });
const packed =
  (options: unknown, given: unknown = [sample]) =>
  () =>
    pack(hostile(given), hostile(options));
const pushed =
  (given: unknown, length = 4) =>
  () =>
    createPacker({ length }).push(hostile(given));

const SAMPLES: Refusal[] = [
  [
    "no encoding",
    () => renderTrainingSamples(hostile({}), conversation),
    "TypeError",
    '"encoding" expected a HarmonyEncoding, got an object (Object)',
  ],
  [
    "null as the encoding",
    () => renderTrainingSamples(hostile(null), conversation),
    "TypeError",
    '"encoding" expected a HarmonyEncoding, got null',
  ],
  [
    "no conversation",
    samples({}, 7),
    "TypeError",
    '"conversation" expected an object or JSON text',
  ],
  ["no options", samples([]), "TypeError", '"options" expected an object, got an array'],
  ["an unknown option", samples({ mask: 1 }), "TypeError", '"options" has no option "mask", only'],
  [
    "another policy",
    samples({ analysis: "all" }),
    "TypeError",
    "one of upstream, keep, drop-history",
  ],
  [
    "a flag as policy",
    samples({ analysis: false }),
    "TypeError",
    "drop-history, per-turn, got false",
  ],
  ["truncation 7", shortened(7), "TypeError", '"options.truncation" expected an object, got 7'],
  [
    "no length",
    shortened({ policy: "cut" }),
    "TypeError",
    '"options.truncation.length" expected a n',
  ],
  ["length 0", shortened({ policy: "cut", length: 0 }), "RangeError", "from 1 to 2^32 - 1, got 0"],
  ["length 1.5", shortened({ policy: "cut", length: 1.5 }), "RangeError", "2^32 - 1, got 1.5"],
  [
    "no policy",
    shortened({ length: 9 }),
    "TypeError",
    '"options.truncation.policy" expected one of',
  ],
  ["a policy unknown", shortened({ length: 9, policy: "toString" }), "TypeError", 'got "toString"'],
  [
    "train 0",
    samples({}, [{ ...conversation[0], train: 0 }]),
    "TypeError",
    '"messages[0].train" expected a boolean, got 0',
  ],
  [
    "train in text",
    samples({}, '{"messages": [{"role": "user", "content": "", "train": "no"}]}'),
    "TypeError",
    '"messages[0].train" expected a boolean, got "no"',
  ],
];

const PACK: Refusal[] = [
  [
    "no samples",
    packed({ length: 4 }, {}),
    "TypeError",
    '"samples" expected an array, got an object',
  ],
  ["null", packed({ length: 4 }, [null]), "TypeError", '"samples[0]" expected a sample, got null'],
  ["a hole", packed({ length: 4 }, new Array(1)), "TypeError", '"samples[0]" expected a sample'],
  [
    "a mixture",
    packed({ length: 4 }, [sample, 2]),
    "TypeError",
    '"samples[1]" expected a sample, got 2',
  ],
  [
    "a fraction",
    packed({ length: 4 }, [1, 1.5]),
    "RangeError",
    '"samples[1]" expected an integer from',
  ],
  [
    "too long",
    packed({ length: 4 }, [4, 5]),
    "RangeError",
    '"samples[1]" expected at most 4 ids, got 5',
  ],
  [
    "a sample too long",
    packed({ length: 1 }),
    "RangeError",
    '"samples[0]" expected at most 1 ids, got 2',
  ],
  [
    "a mask too short",
    packed({ length: 4 }, [{ ...sample, lossMask: [1] }]),
    "RangeError",
    '"samples[0].lossMask" expected 2 values, one per id, got 1',
  ],
  [
    "no options",
    packed(undefined),
    "TypeError",
    '"options.length" expected a number, got undefined',
  ],
  [
    "length 2^24 + 1",
    packed({ length: 2 ** 24 + 1 }),
    "RangeError",
    "from 1 to 2^24, got 16777217",
  ],
  [
    "padding -1",
    packed({ length: 4, paddingId: -1 }),
    "RangeError",
    '"options.paddingId" expected an',
  ],
  [
    "a window",
    packed({ length: 4, window: 2 }),
    "TypeError",
    '"options" has no option "window", only',
  ],
  [
    "a shift of 1",
    packed({ length: 4, shiftLossMask: 1 }),
    "TypeError",
    '"options.shiftLossMask" exp',
  ],
  ["pushed null", pushed(null), "TypeError", '"sample" expected a sample, got null'],
  ["pushed too long", pushed(sample, 1), "RangeError", '"sample" expected at most 1 ids, got 2'],
  [
    "window 0",
    () => createPacker({ length: 4, window: 0 }),
    "RangeError",
    '"options.window" expected a',
  ],
];

describe.each(Object.entries({ SAMPLES, PACK }))("%s", (_, rows) => {
  it.each(rows)("%s", async (_, call, error, says) => {
    await expectRefusal(call, error, says);
    expect(renderTrainingSamples(encoding, conversation)).toHaveLength(1);
  });
});

it("accepts the next sample after a packer refused one", () => {
  const packer = createPacker({ length: 2 });
  expect(() => packer.push({ ...sample, tokens: new Uint32Array(3) })).toThrow(RangeError);
  packer.push(sample);
  expect(packer.end().map(({ samples }) => samples)).toEqual([[0]]);
});
