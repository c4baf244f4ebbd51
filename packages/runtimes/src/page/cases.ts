/** What only a page shows, beside the cases of loading that it shares with Node. */

import { loadingCases } from "harmony-conformance/loading/cases";
import type { Case } from "harmony-conformance/loading/environment";
import {
  expectSame,
  expectThat,
  expectToContain,
  expectToWork,
  failureOf,
} from "harmony-conformance/loading/expect";
import { idleCases } from "./idle.ts";
import { memoryCases } from "./memory.ts";

declare global {
  /** Given to every page by `pages.ts`. */
  function setOffline(offline: boolean): Promise<void>;
}

const FORBIDS =
  "could not load the encoding: the Content-Security-Policy forbids WebAssembly; " +
  "allow 'wasm-unsafe-eval' in its script-src";

/** Throws unless it is a `load_failed` with these words. */
function expectLoadFailed(failure: unknown, ...says: string[]): void {
  expectSame("code", Reflect.get(Object(failure), "code"), "load_failed");
  for (const part of says) expectToContain(String(failure), part);
}

/** Under a policy without `'wasm-unsafe-eval'`. */
const forbiddenCases: Case[] = [
  {
    name: "a forbidden load names the policy and what allows it, each time",
    async run({ freshCopy }) {
      const { loadHarmonyEncoding } = await freshCopy();
      for (const _ of [1, 2]) {
        const failure = await failureOf(() => loadHarmonyEncoding());
        expectLoadFailed(failure, FORBIDS);
        expectThat("no advice that does not help", !String(failure).includes("inline"));
      }
    },
  },
  {
    name: "so does one of bytes",
    async run({ freshCopy, wasm }) {
      const { loadHarmonyEncoding } = await freshCopy();
      expectLoadFailed(await failureOf(() => loadHarmonyEncoding(undefined, { wasm })), FORBIDS);
    },
  },
  {
    name: "so does slim",
    async run({ slim, wasm }) {
      const { createHarmonyEncoding } = await slim();
      expectLoadFailed(await failureOf(() => createHarmonyEncoding(wasm)), FORBIDS);
    },
  },
  {
    name: "what needs no wasm works",
    async run({ freshCopy }) {
      const { userMessage } = await freshCopy();
      expectSame("message", userMessage("hi"), { role: "user", content: "hi" });
    },
  },
];

/** Where the package's own wasm comes by a promise. */
const browserCases: Case[] = [
  {
    name: "a load without a promise says what to do instead",
    async run({ freshCopy }) {
      const { loadHarmonyEncodingSync } = await freshCopy();
      const failure = await failureOf(() => loadHarmonyEncodingSync());
      expectLoadFailed(failure, "use loadHarmonyEncoding(), or harmony-wasm/slim");
    },
  },
  {
    name: "a load while offline fails, and one online works",
    async run({ freshCopy }) {
      const { loadHarmonyEncoding } = await freshCopy();
      await setOffline(true);
      const failure = await failureOf(() => loadHarmonyEncoding());
      await setOffline(false);
      expectLoadFailed(failure, "/dist/harmony.wasm could not be fetched");
      expectToWork(await loadHarmonyEncoding());
    },
  },
];

/** On a server that has only the JavaScript. */
const lostCases: Case[] = [
  {
    name: "a lost wasm is named, with the way out, and forgotten",
    async run({ freshCopy, origin }) {
      const { loadHarmonyEncoding } = await freshCopy();
      const failure = await failureOf(() => loadHarmonyEncoding());
      expectLoadFailed(failure, "/dist/harmony.wasm answered with status 404", "wasm/inline");
      const wasm = `${origin}/harmony.wasm`;
      expectToWork(await loadHarmonyEncoding(undefined, { wasm }));
    },
  },
];

/** By the name that the page is opened with. */
export const PAGE_CASES = {
  loading: loadingCases,
  idle: idleCases,
  forbidden: forbiddenCases,
  browser: browserCases,
  lost: lostCases,
  memory: memoryCases,
} satisfies Record<string, readonly Case[]>;

export type CasesName = keyof typeof PAGE_CASES;
