/** An import does no work: nothing is fetched, decoded or compiled before the load. */

import type { Case } from "harmony-conformance/loading/environment";
import { expectSame, expectThat, expectToWork } from "harmony-conformance/loading/expect";

const DIST = "node_modules/harmony-wasm/dist/";
const WATCHED: [owner: object, names: string[]][] = [
  [globalThis, ["fetch", "atob", "XMLHttpRequest", "Worker", "setTimeout", "queueMicrotask"]],
  [
    WebAssembly,
    ["compile", "compileStreaming", "instantiate", "instantiateStreaming", "Module", "Instance"],
  ],
];

/** One case per entry that a page can import. */
export const idleCases: Case[] = ["browser.js", "inline.js"].map((entry) => ({
  name: `the import of ${entry} does no work`,
  async run() {
    const calls: string[] = [];
    const unwatch = WATCHED.flatMap(([owner, names]) =>
      names.map((name) => watch(owner, name, calls)),
    );
    const fetched = resources().length;
    const module: typeof import("harmony-wasm") = await import(
      new URL(`${DIST}${entry}?idle`, location.href).href
    );
    expectSame("calls", calls, []);
    const files = resources().slice(fetched);
    expectThat(
      `only JavaScript: ${files}`,
      files.every((file) => file.endsWith(".js")),
    );
    expectToWork(await module.loadHarmonyEncoding());
    expectThat(`the load is seen: ${calls}`, calls.includes("Instance"));
    for (const end of unwatch) end();
  },
}));

/** The paths of the files that the page has fetched. */
function resources(): string[] {
  return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
}

/** Notes each call of a function or a class. */
function watch(owner: object, name: string, calls: string[]): () => void {
  const original = Reflect.get(owner, name);
  const watched = new Proxy(original, {
    apply(target, self, values) {
      calls.push(name);
      return Reflect.apply(target, self, values);
    },
    construct(target, values) {
      calls.push(name);
      return Reflect.construct(target, values);
    },
  });
  Reflect.set(owner, name, watched);
  return () => Reflect.set(owner, name, original);
}
