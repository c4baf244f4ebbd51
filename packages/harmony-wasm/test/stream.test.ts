/**
 * `HarmonyEventStream` and `parseStream`: every form of source, strict and
 * recovering.
 */

import {
  HarmonyError,
  type HarmonyEvent,
  HarmonyEventStream,
  parseStream,
  type TokenSource,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";
import {
  ASSISTANT,
  COMPLETION,
  cut,
  encoding,
  gathered,
  joined,
  later,
  streamOf,
  tokensOf,
} from "./stream-support.js";

const WHOLE = joined(await gathered(parseStream(encoding, [COMPLETION], ASSISTANT)));

describe("the events", () => {
  it("describe every message of a turn", () => {
    const messages = WHOLE.flatMap((event) => (event.type === "message-end" ? [event] : []));
    expect(messages.map(({ message }) => message)).toEqual(
      encoding.parseMessagesFromCompletionTokens(COMPLETION, "assistant"),
    );
    expect(messages.map(({ terminator }) => terminator)).toEqual([
      200007,
      200007,
      200012,
      200007,
      200012,
      undefined,
    ]);
    const ends = messages.map(({ end }) => end);
    expect(messages.map(({ start }) => start)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(COMPLETION.length);
  });

  const sources: [string, () => TokenSource][] = [
    ["an array of ids", () => COMPLETION],
    ["a Uint32Array", () => Uint32Array.from(COMPLETION)],
    ["arrays of ids", () => [COMPLETION.slice(0, 9), COMPLETION.slice(9)]],
    ["ids that come later", () => later(COMPLETION)],
    ["arrays that come later", () => later(cut(17))],
    ["typed arrays that come later", () => later(cut(17).map((ids) => Uint32Array.from(ids)))],
    [
      "ids and arrays mixed",
      () => later([COMPLETION[0] ?? 0, new Set<number>(), COMPLETION.slice(1)]),
    ],
    ["a ReadableStream", () => streamOf(cut(3))],
  ];
  const kinds = [["recovering", true] as const, ["strict", false] as const];
  it.each(
    sources.flatMap(([name, source]) =>
      kinds.map((kind) => [kind[0], name, kind[1], source] as const),
    ),
  )("are the same, %s, from %s", async (_, __, recover, source) => {
    const options = { ...ASSISTANT, recover };
    expect(joined(await gathered(parseStream(encoding, source(), options)))).toEqual(WHOLE);
  });

  it("are the same for any chunks, in both interfaces", async () => {
    for (let at = 0; at <= COMPLETION.length; at += 1) {
      for (const recover of [true, false]) {
        const options = { ...ASSISTANT, recover };
        const stream = streamOf(cut(at)).pipeThrough(new HarmonyEventStream(encoding, options));
        expect(joined(await gathered(stream))).toEqual(WHOLE);
      }
      expect(joined(await gathered(parseStream(encoding, cut(at), ASSISTANT)))).toEqual(WHOLE);
    }
  });
});

describe("a stream", () => {
  it("continues a prefix", async () => {
    const prefix = tokensOf(
      "<|start|>user<|message|>hi<|end|><|start|>assistant<|channel|>final<|message|>",
    );
    for (const recover of [true, false]) {
      const options = { prefix, recover };
      const found = await gathered(parseStream(encoding, tokensOf("Hi<|return|>"), options));
      expect(found.map(({ type }) => type)).toEqual([
        "message-start",
        "content-delta",
        "message-end",
      ]);
      expect(found[2]).toMatchObject({ start: 0, end: 2, message: { content: "Hi" } });
    }
  });

  it("emits each event as early as possible", async () => {
    const fed: number[] = [];
    const source = (function* () {
      for (const token of COMPLETION) {
        fed.push(token);
        yield token;
      }
    })();
    for await (const event of parseStream(encoding, source, ASSISTANT)) {
      if (event.type === "message-start") {
        expect(fed.at(-1)).toBe(200008);
        break;
      }
    }
    expect(fed).toHaveLength(3);
  });
});

describe("the encoding", () => {
  it("is the first argument, an option, or the one loaded last", async () => {
    const tokens = tokensOf("<|message|>hi<|end|>");
    const forms: (() => AsyncIterable<HarmonyEvent>)[] = [
      () => parseStream(encoding, tokens, ASSISTANT),
      () => parseStream(tokens, { ...ASSISTANT, encoding }),
      () => parseStream(tokens, ASSISTANT),
      () => streamOf(tokens).pipeThrough(new HarmonyEventStream(encoding, ASSISTANT)),
      () => streamOf(tokens).pipeThrough(new HarmonyEventStream({ ...ASSISTANT, encoding })),
      () => streamOf(tokens).pipeThrough(new HarmonyEventStream(ASSISTANT)),
    ];
    for (const form of forms) expect(await gathered(form())).toHaveLength(3);
  });
});

describe("a malformed completion", () => {
  const broken = [...tokensOf("<|message|>hi<|end|>"), 24912, ...tokensOf("<|start|>assistant")];

  it("is refused by a strict one, after the events before it, with its position", async () => {
    for (const source of [broken, [broken], cutEvery(broken, 2)]) {
      const events: HarmonyEvent[] = [];
      const read = async () => {
        for await (const event of parseStream(encoding, source, { ...ASSISTANT, recover: false })) {
          events.push(event);
        }
      };
      await expect(read()).rejects.toMatchObject({ code: "parse_failed", index: 3 });
      expect(events.map(({ type }) => type)).toEqual([
        "message-start",
        "content-delta",
        "message-end",
      ]);
    }
    const stream = streamOf(broken).pipeThrough(
      new HarmonyEventStream(encoding, { ...ASSISTANT, recover: false }),
    );
    await expect(gathered(stream)).rejects.toBeInstanceOf(HarmonyError);
  });

  it("is refused at its end inside a header", async () => {
    const source = tokensOf("<|channel|>final");
    const read = gathered(parseStream(encoding, source, { ...ASSISTANT, recover: false }));
    await expect(read).rejects.toMatchObject({ code: "parse_failed", index: 2 });
  });

  it("is recovered by default", async () => {
    const ends = (await gathered(parseStream(encoding, broken, ASSISTANT))).filter(
      (event) => event.type === "message-end",
    );
    expect(ends.map(({ message }) => message.content)).toEqual(["hi", "hello"]);
  });
});

function cutEvery(tokens: number[], size: number): number[][] {
  const starts = Array.from({ length: Math.ceil(tokens.length / size) }, (_, at) => at * size);
  return starts.map((start) => tokens.slice(start, start + size));
}

it("refuses text, and says what reads it", async () => {
  // @ts-expect-error: the types allow no text
  await expect(async () => gathered(parseStream(encoding, ["Four"], ASSISTANT))).rejects.toThrow(
    '"source" expected token ids, got "Four"; parseHarmonyText reads text',
  );
});

it("refuses text in the place of a source, with the encoding and without", () => {
  const advice = '"source" expected token ids, got "Four"; parseHarmonyText reads text';
  // @ts-expect-error: the types allow no text
  expect(() => parseStream("Four", ASSISTANT)).toThrow(advice);
  // @ts-expect-error: the types allow no text
  expect(() => parseStream("Four")).toThrow(advice);
  // @ts-expect-error: the types allow no text
  expect(() => parseStream(encoding, "Four", ASSISTANT)).toThrow(advice);
  // @ts-expect-error: the types allow no other encoding
  expect(() => parseStream("Four", [1], ASSISTANT)).toThrow(/^"encoding" expected/);
});

describe("bytes", () => {
  const advice = /^"source" expected token ids, got bytes \(a Uint8Array\); decode the response/;
  const bytes = new TextEncoder().encode('{"tokens":[1]}');
  const sources: [string, () => TokenSource][] = [
    ["a Uint8Array", () => bytes],
    // @ts-expect-error: a body is a stream of bytes, which the types refuse on most platforms
    ["a response's body", () => new Response(bytes).body],
    ["an array of chunks", () => [bytes]],
  ];
  it.each(sources)("are refused by name: %s", async (_, source) => {
    await expect(async () => gathered(parseStream(encoding, source(), ASSISTANT))).rejects.toThrow(
      advice,
    );
  });

  it("are refused by a TransformStream", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const events = body.pipeThrough(new HarmonyEventStream(encoding, ASSISTANT));
    await expect(gathered(events)).rejects.toThrow(advice);
  });
});

describe("options that are an array", () => {
  it("are refused with the names of the options", () => {
    // @ts-expect-error: what users of tiktoken write
    expect(() => encoding.encode("x", ["<|endoftext|>"])).toThrow(
      '"options" expected an object, got an array; its options are allowedSpecial, disallowedSpecial',
    );
  });
});
