/** Streams that are left, aborted or broken; backpressure; refused arguments. */

import { setImmediate } from "node:timers/promises";
import {
  type EventStreamOptions,
  HarmonyEventStream,
  type ParseStreamOptions,
  parseStream,
  type TokenInput,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { ASSISTANT, COMPLETION, encoding, gathered, later, tokensOf } from "./stream-support.js";
import { freshCopy } from "./support.js";

/** Long enough for everything that is ready to run, on a machine of any speed. */
async function turnsOfTheEventLoop(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

/** A stream of a copy of the package, and how many parsers that copy has freed. */
async function counted(options: EventStreamOptions) {
  const { Instance } = WebAssembly;
  let freed = 0;
  class Counting {
    readonly exports: WebAssembly.Exports;
    constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
      const { exports } = new Instance(module, imports);
      const free = exports.__wbg_eventparser_free;
      const counts = (...values: unknown[]) => {
        freed += 1;
        if (typeof free === "function") free(...values);
      };
      this.exports = { ...exports, __wbg_eventparser_free: counts };
    }
  }
  const copy = await freshCopy();
  Object.assign(WebAssembly, { Instance: Counting });
  const encoding = copy.loadHarmonyEncodingSync();
  Object.assign(WebAssembly, { Instance });
  const stream = new copy.HarmonyEventStream(encoding, options);
  return {
    reader: stream.readable.getReader(),
    writer: stream.writable.getWriter(),
    freed: () => freed,
  };
}

describe("the memory of a HarmonyEventStream", () => {
  it.each(["its reader cancels", "its writer aborts"])("is freed when %s", async (end) => {
    const { reader, writer, freed } = await counted(ASSISTANT);
    writer.closed.catch(() => undefined);
    writer.write(tokensOf("<|message|>hi")).catch(() => undefined);
    await reader.read();
    expect(freed()).toBe(0);
    await (end === "its reader cancels" ? reader.cancel() : writer.abort());
    expect(freed()).toBe(1);
  });

  it("is freed when it fails", async () => {
    const { reader, writer, freed } = await counted(ASSISTANT);
    writer.closed.catch(() => undefined);
    writer.write("hi" as never).catch(() => undefined);
    await expect(reader.read()).rejects.toThrow('expected token ids, got "hi"');
    expect(freed()).toBe(1);
  });
});

describe("an end from outside", () => {
  it("by the signal is immediate, even while the source is waiting", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const silent = (async function* () {
      yield tokensOf("<|message|>hi");
      queueMicrotask(() => abort.abort(reason));
      await new Promise(() => undefined);
    })();
    const seen: string[] = [];
    const read = async () => {
      const options = { ...ASSISTANT, signal: abort.signal };
      for await (const event of parseStream(encoding, silent, options)) {
        seen.push(event.type);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(seen).toEqual(["message-start", "content-delta"]);
  });

  it("by a signal that is already aborted consumes nothing", async () => {
    const source = (function* () {
      yield expect.unreachable();
    })();
    const signal = AbortSignal.abort();
    const read = gathered(parseStream(encoding, source, { signal }));
    await expect(read).rejects.toBe(signal.reason);
  });

  it("by leaving the loop closes the source", async () => {
    for (const signal of [undefined, new AbortController().signal]) {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>();
      const source = (async function* () {
        try {
          yield* later(COMPLETION);
        } finally {
          close();
        }
      })();
      const options = { ...ASSISTANT, ...(signal && { signal }) };
      for await (const _ of parseStream(encoding, source, options)) break;
      await expect(closed).resolves.toBeUndefined();
    }
  });

  it("by a failure of the source throws that failure", async () => {
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
  it("consumes no more than its reader wants", async () => {
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
    await turnsOfTheEventLoop();
    const before = taken;
    expect(before).toBeLessThan(5);
    await reader.read();
    await turnsOfTheEventLoop();
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

describe("refused", () => {
  const hostile = (value: unknown): never => value as never;
  const start = (options: unknown) => () => parseStream(encoding, [], hostile(options));
  it.each([
    ["an invalid source", () => parseStream(encoding, hostile(7)), '"source" expected'],
    ["text for a source", () => parseStream(encoding, hostile("x")), '"source" expected'],
    ["two sources", () => parseStream(hostile([]), hostile([])), '"encoding" expected'],
    ["no encoding", () => parseStream(hostile({}), []), '"encoding" expected'],
    ["an unknown option", start({ strict: true }), 'no option "strict"'],
    ["a role that is not a string", start({ role: 7 }), '"role" expected'],
    ["recover that is not a boolean", start({ recover: 1 }), '"options.recover" expected'],
    ["an invalid prefix", start({ prefix: 7 }), '"options.prefix" expected'],
    ["an invalid signal", start({ signal: {} }), '"options.signal" expected'],
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

  it("an invalid id, when it arrives", async () => {
    const chunks: (number | TokenInput)[] = [24912, [1.5]];
    const options: ParseStreamOptions = ASSISTANT;
    await expect(gathered(parseStream(encoding, chunks, options))).rejects.toThrow(RangeError);
  });
});
