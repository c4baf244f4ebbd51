/**
 * Each preset against the framework that it is named after, on that framework's own
 * ids: test-vectors/training/frameworks.json, which `npm run frameworks` writes.
 * And where those ids differ from harmony's.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { loadHarmonyEncodingSync, Role } from "harmony-wasm";
import {
  type LossMaskPreset,
  lossMask,
  type MessageSpan,
  renderTrainingSamples,
} from "harmony-wasm/train";
import { describe, expect, it } from "vitest";

interface Answer {
  ids: number[];
  mask?: number[];
}
interface Conversations {
  cases: { name: string; harmony: { messages: { role: Role; content: string }[] } }[];
}
interface Frameworks {
  inputs_sha256: string;
  frameworks: Record<string, { package: string; answers: Record<string, Answer> }>;
}

const FOLDER = new URL("../../../test-vectors/training/", import.meta.url);
const encoding = loadHarmonyEncodingSync();
const given = readFileSync(new URL("conversations.json", FOLDER), "utf8");
const { cases }: Conversations = JSON.parse(given);
const written: Frameworks = JSON.parse(readFileSync(new URL("frameworks.json", FOLDER), "utf8"));

/** The spans in the ids of another renderer, whose messages begin and end with special tokens. */
function spansOf(ids: readonly number[]): MessageSpan[] {
  const id = (text: string) => encoding.specialTokens.get(text) ?? -1;
  const starts = ids.flatMap((token, at) => (token === id("<|start|>") ? [at] : []));
  return starts.map((start, message) => {
    const end = starts[message + 1] ?? ids.length;
    const content_start = ids.indexOf(id("<|message|>"), start) + 1;
    const header = encoding.decodeUtf8(ids.slice(start, content_start));
    const role = Object.values(Role).find((name) => header.startsWith(`<|start|>${name}`));
    const channel = /<\|channel\|>(\w+)/.exec(header)?.[1];
    const places = { start, content_start, content_end: end - 1, end };
    return { message, role: role ?? "tool", ...(channel !== undefined && { channel }), ...places };
  });
}

function answerOf(framework: string, name: string): Answer {
  const answer = written.frameworks[framework]?.answers[name];
  if (!answer?.ids) throw new Error(`${framework} did not answer ${name}`);
  return answer;
}

it("is about these conversations", () => {
  expect(written.inputs_sha256).toBe(createHash("sha256").update(given).digest("hex"));
});

describe.each(cases.map(({ name }) => name))("%s", (name) => {
  it.each<LossMaskPreset>(["trl", "body", "sampled"])("has the mask of %s", (preset) => {
    const { ids, mask } = answerOf(preset, name);
    const rendered = { tokens: Uint32Array.from(ids), spans: spansOf(ids) };
    expect([...lossMask(rendered, { preset })]).toEqual(mask);
  });

  /** Megatron-Bridge's rule from its conversation_processing.py, on TRL's blocks. */
  it("has the mask of megatron: of each block all but <|start|>assistant", () => {
    const { ids, mask } = answerOf("trl", name);
    const [start, assistant] = encoding.renderConversationForCompletion([], Role.ASSISTANT);
    const expected = mask?.map((place, at) => {
      const isStart = ids[at] === start;
      const isRole = ids[at - 1] === start && ids[at] === assistant;
      return isStart || isRole ? 0 : place;
    });
    const rendered = { tokens: Uint32Array.from(ids), spans: spansOf(ids) };
    expect([...lossMask(rendered, { preset: "megatron" })]).toEqual(expected);
  });
});

describe("docs/training.md", () => {
  const page = readFileSync(new URL("../../../docs/training.md", import.meta.url), "utf8");
  /** The rows of the table under this head. */
  const rowsUnder = (head: string): string[][] => {
    const [, rest = ""] = page.split(head);
    const lines = (rest.split("\n\n")[0] ?? "").split("\n").slice(2);
    return lines.map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  };
  const fragments = (cell = "") =>
    Array.from(cell.matchAll(/`(.*)`/g), ([, text = ""]) =>
      text.replaceAll("\\|", "|").replaceAll("⏎", "\n"),
    );

  const differences = rowsUnder("| of                     |");
  it("has the differences", () => expect(differences).toHaveLength(7));
  it.each(differences)("on %s: %s, but %s", (name, theirs, ours) => {
    const [text, harmony] = [
      encoding.decode(answerOf("hf", name ?? "").ids),
      encoding.decode(harmonyOf(name ?? "")),
    ];
    for (const part of fragments(theirs)) {
      expect(text).toContain(part);
      expect(harmony).not.toContain(part);
    }
    expect(fragments(ours)).toHaveLength(1);
    for (const part of fragments(ours)) {
      expect(harmony).toContain(part);
      expect(text).not.toContain(part);
    }
  });

  it("says whose ids are harmony's", () => {
    const found = cases.map(({ name }) => [
      name,
      ...["hf", "body", "sampled"].map((framework) => {
        return String(answerOf(framework, name).ids) === String(harmonyOf(name)) ? "yes" : "no";
      }),
    ]);
    expect(rowsUnder("| conversation           |")).toEqual(found);
  });

  it("draws the masks", () => {
    const [, block = ""] = /```text\n([^`]*)```/.exec(page) ?? [];
    const [head = "", ...lines] = block.trimEnd().split("\n");
    const presets = head.trim().split(/ +/);
    const pieces = lines.map((line) => line.slice(0, 39).trimEnd());
    const sizes = pieces.map((piece) => encoding.encode(piece, { allowedSpecial: "all" }).length);
    const tokens = encoding.encode(pieces.join(""), { allowedSpecial: "all" });
    const spans = spansOf([...tokens]);
    expect(presets).toHaveLength(4);
    presets.forEach((preset, column) => {
      const drawn = lines.flatMap((line, row) => {
        const sign = line.slice(39).trim().split(/ +/)[column] === "x" ? 1 : 0;
        return new Array<number>(sizes[row] ?? 0).fill(sign);
      });
      const mask = lossMask({ tokens, spans }, { preset: preset as LossMaskPreset });
      expect([...mask], preset).toEqual(drawn);
    });
  });
});

/** Harmony's ids, with all analysis kept. */
function harmonyOf(name: string): Uint32Array {
  const conversation = cases.find((each) => each.name === name)?.harmony ?? { messages: [] };
  const [sample] = renderTrainingSamples(encoding, conversation, { analysis: "keep" });
  return sample?.tokens ?? new Uint32Array();
}
