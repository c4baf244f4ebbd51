/** Cases of shared loads, of failed loads, and of the entry without a loader. */

import type { Case } from "./environment.ts";
import { expectSame, expectThat, expectToWork, failureOf, hostile } from "./expect.ts";

const LOADS = 1000;

/** Loads of one copy of the package. */
export const sharingCases: Case[] = [
  {
    name: "two loads at once, and eight more, share an encoding",
    async run({ freshCopy }) {
      const { loadHarmonyEncoding } = await freshCopy();
      const loads = Array.from({ length: 10 }, () => loadHarmonyEncoding());
      const [first, ...others] = await Promise.all(loads);
      for (const other of others) expectThat("one encoding", other === first);
      if (first) expectToWork(first);
    },
  },
  {
    name: "a thousand loads in a row share an encoding",
    async run({ freshCopy, loadsNow }) {
      const { HarmonyEncodingName, loadHarmonyEncoding, loadHarmonyEncodingSync } =
        await freshCopy();
      const first = await loadHarmonyEncoding();
      for (let load = 0; load < LOADS; load += 1) {
        const next = await loadHarmonyEncoding(HarmonyEncodingName.HARMONY_GPT_OSS);
        expectThat("one encoding", next === first);
        if (loadsNow) expectThat("one encoding", loadHarmonyEncodingSync() === first);
      }
      expectToWork(first);
    },
  },
  {
    name: "a load without a promise shares with the one under way, or says why it cannot",
    async run({ freshCopy, loadsNow }) {
      const { HarmonyError, loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
      const loading = loadHarmonyEncoding();
      const now = await failureOf(() => loadHarmonyEncodingSync());
      const encoding = await loading;
      if (loadsNow) expectThat("one encoding", now === encoding);
      else expectThat(`load_failed: ${now}`, now instanceof HarmonyError);
      expectThat("the same, once it is there", loadHarmonyEncodingSync() === encoding);
      expectToWork(encoding);
    },
  },
  {
    name: "an encoding that is there asks for no wasm",
    async run({ freshCopy, origin }) {
      const { loadHarmonyEncoding } = await freshCopy();
      const encoding = await loadHarmonyEncoding();
      const again = await loadHarmonyEncoding(undefined, { wasm: `${origin}/none` });
      expectThat("one encoding", again === encoding);
    },
  },
  {
    name: "a failure is shared by the loads that waited for it, and by no later one",
    async run({ freshCopy, origin }) {
      const { loadHarmonyEncoding } = await freshCopy();
      const wasm = `${origin}/none`;
      const first = failureOf(() => loadHarmonyEncoding(undefined, { wasm }));
      const second = failureOf(() => loadHarmonyEncoding());
      expectThat("one failure", (await first) === (await second));
      expectSame("code", Reflect.get(Object(await first), "code"), "load_failed");
      expectToWork(await loadHarmonyEncoding());
    },
  },
  {
    name: "a rejection of the user's own comes through, and is forgotten",
    async run({ freshCopy }) {
      const { loadHarmonyEncoding } = await freshCopy();
      const own = new Error("the user's own");
      const wasm = Promise.reject(own);
      const failure = await failureOf(() => loadHarmonyEncoding(undefined, { wasm }));
      expectThat("the user's own error", failure === own);
      expectToWork(await loadHarmonyEncoding());
    },
  },
  {
    name: "an encoding is loaded by upstream's name alone",
    async run({ freshCopy }) {
      const { HarmonyError, loadHarmonyEncoding, loadHarmonyEncodingSync } = await freshCopy();
      for (const load of [loadHarmonyEncoding, loadHarmonyEncodingSync]) {
        const failure = await failureOf(() => load(hostile("gpt2")));
        expectThat("a HarmonyError", failure instanceof HarmonyError);
        const { code, message } = Object(failure);
        expectSame("code", code, "unknown_encoding");
        const said = 'Invalid HarmonyEncodingName: gpt2\nExpected "HarmonyGptOss".';
        expectSame("message", message, said);
      }
      expectToWork(await loadHarmonyEncoding("HarmonyGptOss"));
    },
  },
];

/** The entry that is given its wasm. */
export const slimCases: Case[] = [
  {
    name: "slim makes an encoding of bytes, of a module, and of its namespace",
    async run({ slim, wasm }) {
      const { createHarmonyEncoding } = await slim();
      const module = await WebAssembly.compile(wasm);
      for (const form of [wasm, wasm.slice().buffer, module, { default: module }]) {
        expectToWork(createHarmonyEncoding(form));
      }
    },
  },
  {
    name: "slim makes encodings that live side by side",
    async run({ slim, wasm }) {
      const { createHarmonyEncoding, StreamableParser } = await slim();
      const module = await WebAssembly.compile(wasm);
      const [one, two] = [createHarmonyEncoding(module), createHarmonyEncoding(module)];
      expectThat("two encodings", one !== two);
      const parsers = [one, two].map((encoding) => new StreamableParser(encoding, "assistant"));
      for (const token of [200008, 24912, 2375]) {
        for (const parser of parsers) parser.process(token);
        expectToWork(one);
        expectToWork(two);
      }
      for (const parser of parsers) expectSame("content", parser.currentContent, "hello world");
      for (const parser of parsers) parser.dispose();
    },
  },
  {
    name: "slim's encodings are taken by the other entries' parser",
    async run({ freshCopy, slim, wasm }) {
      const { createHarmonyEncoding } = await slim();
      const { StreamableParser } = await freshCopy();
      const parser = new StreamableParser(createHarmonyEncoding(wasm), "assistant");
      expectSame("content", parser.process([200008, 24912]).currentContent, "hello");
      parser.dispose();
    },
  },
  {
    name: "slim rejects bytes that are not wasm, and keeps working",
    async run({ slim, wasm }) {
      const { createHarmonyEncoding, HarmonyError } = await slim();
      for (const bytes of [wasm.subarray(0, 100_000), new Uint8Array(0), Uint8Array.of(1)]) {
        const failure = await failureOf(() => createHarmonyEncoding(bytes));
        expectThat(`${failure} is a HarmonyError`, failure instanceof HarmonyError);
        expectSame("code", Reflect.get(Object(failure), "code"), "load_failed");
      }
      for (const value of [undefined, null, 7, "harmony.wasm", {}, Promise.resolve(wasm)]) {
        const failure = await failureOf(() => createHarmonyEncoding(hostile(value)));
        expectThat(`${failure} is a TypeError`, failure instanceof TypeError);
      }
      expectToWork(createHarmonyEncoding(wasm));
    },
  },
];
