/**
 * `HarmonyEventStream` and `parseStream`: every form of source, strict and
 * recovering, ends of every kind, and backpressure.
 */

import {
  type EventStreamOptions,
  HarmonyError,
  type HarmonyEvent,
  HarmonyEventStream,
  loadHarmonyEncodingSync,
  type ParseStreamOptions,
  parseStream,
  type TokenInput,
  type TokenSource,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const tokensOf = (text: string) => [...encoding.encode(text, { allowedSpecial: "all" })];

/** A preamble, two calls, a constrained format, channels in turn, and a cut. */
const COMPLETION = tokensOf(
  "<|channel|>analysis<|message|>Hm 🧑🏽‍🚀.<|end|>" +
    "<|start|>assistant<|channel|>commentary<|message|>I will look.<|end|>" +
    "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>" +
    "<|start|>assistant<|channel|>analysis<|message|>More.<|end|>" +
    "<|start|>assistant to=functions.g<|channel|>commentary json<|message|>[]<|call|>" +
    "<|start|>assistant<|channel|>final<|message|>Dóne, 日本",
);
const ASSISTANT = { role: "assistant" } as const;

async function gathered(events: AsyncIterable<HarmonyEvent>): Promise<HarmonyEvent[]> {
  const all: HarmonyEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Deltas joined, so that chunks make no difference. */
function joined(events: readonly HarmonyEvent[]): HarmonyEvent[] {
  const all: HarmonyEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (event.type === "content-delta" && last?.type === "content-delta") {
      all[all.length - 1] = { ...last, delta: last.delta + event.delta };
    } else {
      all.push(event);
    }
  }
  return all;
}

const WHOLE = joined(await gathered(parseStream(encoding, [COMPLETION], ASSISTANT)));

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

function streamOf<T>(items: Iterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function cut(at: number): number[][] {
  return [COMPLETION.slice(0, at), COMPLETION.slice(at)];
}

describe("the events", () => {
  it("tell every message of a whole turn", () => {
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

  it("are the same wherever the tokens are cut, by both interfaces", async () => {
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
  it("goes on from a prefix", async () => {
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

  it("tells what it knows as soon as it knows it", async () => {
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
  it("is the first argument, an option, or the one that was loaded", async () => {
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

describe("an end from outside", () => {
  it("by the signal comes at once, even while the source is silent", async () => {
    const abort = new AbortController();
    const silent = (async function* () {
      yield tokensOf("<|message|>hi");
      await new Promise(() => undefined);
    })();
    const reason = new Error("enough");
    const seen: string[] = [];
    const read = async () => {
      const options = { ...ASSISTANT, signal: abort.signal };
      for await (const event of parseStream(encoding, silent, options)) {
        seen.push(event.type);
        if (event.type === "content-delta") setTimeout(() => abort.abort(reason), 1);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(seen).toEqual(["message-start", "content-delta"]);
  });

  it("by a signal that is aborted already takes nothing from the source", async () => {
    const source = (function* () {
      yield expect.unreachable();
    })();
    const signal = AbortSignal.abort();
    const read = gathered(parseStream(encoding, source, { signal }));
    await expect(read).rejects.toBe(signal.reason);
  });

  it("by leaving the loop closes the source", async () => {
    for (const signal of [undefined, new AbortController().signal]) {
      let closed = false;
      const source = (async function* () {
        try {
          yield* later(COMPLETION);
        } finally {
          closed = true;
        }
      })();
      const options = { ...ASSISTANT, ...(signal && { signal }) };
      for await (const _ of parseStream(encoding, source, options)) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(closed).toBe(true);
    }
  });

  it("by a failure of the source is that failure", async () => {
    const own = new Error("the user's own");
    const source = (async function* () {
      yield tokensOf("<|message|>hi");
      throw own;
    })();
    await expect(gathered(parseStream(encoding, source, ASSISTANT))).rejects.toBe(own);
    const failing = new ReadableStream<number>({ pull: (to) => to.error(own) });
    const stream = failing.pipeThrough(new HarmonyEventStream(encoding));
    await expect(gathered(stream)).rejects.toBe(own);
  });
});

describe("HarmonyEventStream", () => {
  it("takes no more than its reader wants", async () => {
    let taken = 0;
    const source = new ReadableStream<number>(
      {
        pull(controller) {
          taken += 1;
          controller.enqueue(24912);
        },
      },
      { highWaterMark: 0 },
    );
    const prefix = tokensOf("<|start|>assistant<|message|>");
    const stream = source.pipeThrough(new HarmonyEventStream(encoding, { prefix }));
    const reader = stream.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = taken;
    expect(before).toBeLessThan(5);
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(taken).toBeLessThan(before + 3);
    await reader.cancel();
  });

  it("is a TransformStream, and can be aborted", async () => {
    const stream = new HarmonyEventStream(encoding, ASSISTANT);
    expect(stream).toBeInstanceOf(TransformStream);
    const reason = new Error("enough");
    await stream.writable.abort(reason);
    await expect(stream.readable.getReader().read()).rejects.toBe(reason);
  });
});

describe("what is refused", () => {
  const hostile = (value: unknown): never => value as never;
  const start = (options: unknown) => () => parseStream(encoding, [], hostile(options));
  it.each([
    ["a source that is none", () => parseStream(encoding, hostile(7)), '"source" expected'],
    ["text for a source", () => parseStream(encoding, hostile("x")), '"source" expected'],
    ["two sources", () => parseStream(hostile([]), hostile([])), '"encoding" expected'],
    ["no encoding", () => parseStream(hostile({}), []), '"encoding" expected'],
    ["an option that is none", start({ strict: true }), 'no option "strict"'],
    ["a role that is no text", start({ role: 7 }), '"role" expected'],
    ["recover that is no boolean", start({ recover: 1 }), '"options.recover" expected'],
    ["a prefix that is none", start({ prefix: 7 }), '"options.prefix" expected'],
    ["a signal that is none", start({ signal: {} }), '"options.signal" expected'],
    ["an encoding of the stream", () => new HarmonyEventStream(hostile(7)), '"encoding" expected'],
    ["options of the stream", () => new HarmonyEventStream(encoding, hostile(7)), '"options" exp'],
  ] as const)("%s", (_, call, says) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(says);
  });

  it("an unknown role, and a prefix that strict refuses", () => {
    expect(start({ role: "nobody" })).toThrow(expect.objectContaining({ code: "unknown_role" }));
    const refused = { prefix: [24912], recover: false } satisfies EventStreamOptions;
    expect(() => new HarmonyEventStream(encoding, refused)).toThrow(
      expect.objectContaining({ code: "parse_failed" }),
    );
  });

  it("an id that is none, when it comes", async () => {
    const chunks: (number | TokenInput)[] = [24912, [1.5]];
    const options: ParseStreamOptions = ASSISTANT;
    await expect(gathered(parseStream(encoding, chunks, options))).rejects.toThrow(RangeError);
  });
});
