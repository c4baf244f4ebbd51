/**
 * Rows that are rendered together have the results of rows that are rendered one by one, whatever
 * is between them.
 */

import { expect, it } from "vitest";
import type { InputBatch } from "../src/input/batch.ts";
import { LineCutter } from "../src/input/line-cutter.ts";
import { rowTexts } from "../src/input/row-texts.ts";
import type { SampleOptions } from "../src/render/plan.ts";
import { renderedRows, renderedTexts } from "../src/render/rendered-rows.ts";
import { Renderer } from "../src/render/renderer.ts";
import { manyRows, nativeRows } from "./support.ts";

const MOST_LINE_BYTES = 200_000;
const USUAL = manyRows(3);
const message = '{"role": "user", "content": "a"}';

/** Rows of which each is at fault, or has to be looked at, or looks as if it had. */
const HOSTILE: readonly (string | Uint8Array)[] = [
  "",
  " \t",
  "nothing",
  "{",
  '"text"',
  "[]",
  '{"messages": []}',
  '{"messages": "[]"}',
  '{"prompt": [], "completion": []}',
  `{"messages": [${message}], "messages": [${message}]}`,
  `{"messages": [${message}], "tools": []}`,
  `{"messages": [${message}], "tools": [{"type": "function"}]}`,
  `{"id": {"tools": [{"type": "function"}]}, "messages": [${message}]}`,
  `{"messages": [${message}], "system": "You answer."}`,
  `[${message}]`,
  `[${message}] x`,
  '[{"role": "bot", "content": ""}]',
  '[{"role": "tool", "content": "without a name"}]',
  '[{"role": "assistant", "content": "a", "thinking": "t"}]',
  '[{"role": "assistant", "content": "\\"thinking\\": \\"t\\""}]',
  '[{"role": "assistant", "content": "a", "channel": "final", "train": false}]',
  '[{"role": "assistant", "content": "a", "channel": "final", "tr\\u0061in": false}]',
  '[{"role": "assistant", "content": "a", "train": 7}]',
  '[{"role": "assistant", "content": "a", "weight": 0}]',
  '[{"role": "user", "content": "\\ud800"}]',
  '[{"role": "user", "content": "<|end|> \u2028 \ufeff \u0085"}]\r',
  Uint8Array.of(0x5b, 0xff, 0x5d),
  Uint8Array.of(0xef, 0xbb, 0xbf, 0x5b, 0x5d),
  `[{"role": "user", "content": "${"word ".repeat(20_000)}"}]`,
  `[${message}]${" ".repeat(MOST_LINE_BYTES)}`,
  `[{"role": "user", "content": "${"x".repeat(MOST_LINE_BYTES)}"}]`,
  `[{"role": "user", "content": [${'{"type": "text", "text": '.repeat(200)}`,
];

function batchOf(rows: readonly (string | Uint8Array)[]): InputBatch {
  const cutter = new LineCutter(
    { row: 0, offset: 0 },
    { rows: 10_000, bytes: 64 * 1024 * 1024 },
    MOST_LINE_BYTES,
  );
  const lines = rows.flatMap((row) => [Buffer.from(row as string), Buffer.from("\n")]);
  const [batch] = [...cutter.push(Buffer.concat(lines)), ...cutter.end()];
  if (!batch) throw new Error("there are rows");
  return batch;
}

/** Each hostile row between usual ones, then the rows of the vectors. */
const BATCH = batchOf([
  "\ufeff[]",
  ...HOSTILE.flatMap((row, at) => [USUAL[at % USUAL.length] ?? "", row]),
  ...nativeRows().map(({ text }) => text),
]);

const PLAIN: SampleOptions = {
  shape: "harmony",
  for: "training",
  analysis: "upstream",
  mask: { preset: "sampled", lastTurnOnly: false, analysis: true },
  truncation: "reject",
  chat: {},
};
const OPTIONS: Record<string, Partial<SampleOptions>> = {
  "as by default": {},
  "with all analysis": { analysis: "keep" },
  "without the analysis of history": { analysis: "drop-history" },
  "one sample per turn": { analysis: "per-turn" },
  "as prompts": { for: "completion" },
  "as records": { for: "conversation", analysis: "keep" },
  "with a mask without analysis": {
    mask: { preset: "body", lastTurnOnly: true, analysis: false },
    analysis: "keep",
  },
  "up to a length": { maxLength: 40 },
  "cut to a length": { maxLength: 40, truncation: "drop-last-messages" },
  "of chat": { shape: "chat", analysis: "drop-history" },
  "of chat, as prompts": { shape: "chat", for: "completion" },
};

it.each(Object.entries(OPTIONS))("rows %s are those of each alone", (_, changed) => {
  const options = { ...PLAIN, ...changed };
  const [together, alone] = [new Renderer(options), new Renderer(options)];
  const expected = Array.from(rowTexts(BATCH), (given) => ({
    given,
    rendered: alone.renderRow(given),
  }));
  const ofLines = renderedRows(BATCH, () => together);
  const ofTexts = renderedTexts(rowTexts(BATCH), () => together);
  for (const rows of [ofLines, ofTexts]) {
    const found = Array.from(rows, ({ given, rendered, tokens, file, row }) => {
      expect({ file, row }).toEqual({ file: given().file, row: given().row });
      const samples = rendered();
      if (tokens) expect(samples).toMatchObject({ samples: [{ tokens }] });
      return { given: given(), rendered: samples };
    });
    expect(found).toEqual(expected);
  }
});

const ORDINARY = ["a", "", " ", "\ufeff", "\u0085", "\u00a0\u2028", "東京"];
const LIKE_MARKUP = ["a < b > c | d", "[0] [t] <t>", "<|", "<|not a token|>", "◁"];
const SPECIAL_TOKENS = ["<|end|>", "<|\u0065nd|>"];
const THOUGHTS =
  "<think>t</think>a|a</THINK>b| <Thought>|<reasoning>|[Think]|[/THINK]|◁think▷t◁/think▷".split(
    "|",
  );
const CALLS =
  "<tool_call>|<tool_calls>{|<function_call>|<function=f>|<Function=f>|[TOOL_CALLS]|[tool_calls]".split(
    "|",
  );
const LONE_SURROGATE = "\ud800";

/** Texts that some rule of the chat mapping is about, and texts that look as if one were. */
const TEXTS = [ORDINARY, LIKE_MARKUP, SPECIAL_TOKENS, THOUGHTS, CALLS, LONE_SURROGATE].flat();
const VALUES = [null, false, true, 0, 1, 7, "", [], {}, ["a"], { a: 1 }, "a b", ...TEXTS];
const PARTS = [
  [{ type: "text", text: "a" }],
  [{ type: "text", text: "a" }, "b"],
  [{ type: "image" }],
];
const ROLES = "user assistant assistant assistant system developer tool function bot".split(" ");
const FIELDS =
  "thinking reasoning_content reasoning reasoning_details refusal name tool_calls tool_call_id function_call train weight loss channel recipient audio id thoughts images tools additional_kwargs".split(
    " ",
  );
const COLUMNS =
  "id source system system_prompt thinking reasoning reasoning_effort tools available_tools functions Function_list images instructions model_identity builtin_tools response_format chat_template_kwargs messages conversations prompt".split(
    " ",
  );

/** A row of Chat Completions, often a plain one. */
function chatRowOf(random: (below: number) => number): string {
  const oneOf = <T>(all: readonly T[]) => all[random(all.length)];
  const some = (names: string[], among: readonly unknown[]) =>
    Object.fromEntries(random(4) === 0 ? [[oneOf(names), oneOf(among)]] : []);
  const text = () => oneOf(random(8) > 0 ? ["a", "b < c", "東京"] : TEXTS);
  const messages = Array.from({ length: random(5) }, () => {
    const role = oneOf(random(20) > 0 ? ROLES.slice(0, 6) : ROLES);
    return {
      ...(random(60) > 0 && { role }),
      ...(random(60) > 0 && { content: random(20) > 0 ? text() : oneOf([...VALUES, ...PARTS]) }),
      ...(random(role === "assistant" ? 2 : 40) === 0 && { thinking: text() }),
      ...(random(3) === 0 && some(FIELDS, random(3) > 0 ? [null] : VALUES)),
    };
  });
  const row = JSON.stringify({ ...some(COLUMNS, VALUES), messages, ...some(COLUMNS, VALUES) });
  return random(50) === 0 ? row.replace('"content"', '"content":"again","content"') : row;
}

const CHAT_OPTIONS: Record<string, SampleOptions["chat"]> = {
  "by default": {},
  "without a system message": { systemMessage: false },
  "with tags and a preface": {
    thinkTags: true,
    modelIdentity: 'You are a "model".',
    reasoningEffort: "high",
    conversationStartDate: "2026-01-01",
  },
  "with markup": { allowMarkup: true },
};

it.each(Object.entries(CHAT_OPTIONS))(
  "plain chat rows %s are those of the mapping",
  (name, chat) => {
    const options: SampleOptions = { ...PLAIN, shape: "chat", analysis: "keep", chat };
    const [together, alone] = [new Renderer(options), new Renderer(options)];
    let state = name.length;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const batch = batchOf(Array.from({ length: 3000 }, () => chatRowOf(random)));
    let plain = 0;
    for (const { given, rendered, tokens, row } of renderedRows(batch, () => together)) {
      const { text } = given();
      expect(rendered(), text).toEqual(alone.render(text, row));
      if (tokens) plain += 1;
    }
    expect(plain).toBeGreaterThan(300);
  },
);

it("renders the usual rows together, and only those", () => {
  const rows = [...USUAL, "nothing", `[${message}]`, "", `{"tools": 1, "messages": [${message}]}`];
  const found = renderedRows(batchOf(rows), () => new Renderer(PLAIN));
  const isTogether = Array.from(found, ({ row, tokens }) => [row, tokens !== undefined]);
  expect(isTogether).toEqual([
    [0, true],
    [1, true],
    [2, true],
    [3, false],
    [4, true],
    [6, false],
  ]);
});

it("gives the ids of native upstream", () => {
  const native = nativeRows();
  const renderer = new Renderer({ ...PLAIN, for: "conversation" });
  const found = renderedRows(batchOf(native.map(({ text }) => text)), () => renderer);
  const together = Array.from(found, ({ row, tokens }) => ({ row, tokens }));
  const usual = together.filter(({ tokens }) => tokens !== undefined);
  expect(usual.length).toBeGreaterThan(together.length / 3);
  for (const { row, tokens = [] } of usual) {
    expect(Array.from(tokens)).toEqual(native[row]?.tokens);
  }
});
