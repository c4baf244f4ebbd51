/**
 * The effect of a failed call on an instance: after an error of the boundary, with
 * any code, it keeps working; any other error retires it.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { WasmInstance } from "../src/instance.js";
import { failureOf } from "./support.js";

const WASM = new WebAssembly.Module(
  readFileSync(new URL(import.meta.resolve("harmony-wasm/harmony.wasm"))),
);

async function failWith(error: unknown) {
  const instance = new WasmInstance(WASM, "HarmonyGptOss");
  const failure = await failureOf(() =>
    instance.call(() => {
      throw error;
    }),
  );
  return { instance, failure: Object(failure) };
}

describe("a call that fails", () => {
  it("with a code that the facade does not know is an error with that code", async () => {
    const fields = { code: "from_a_later_version", path: "messages[0]", index: 3 };
    const { instance, failure } = await failWith(Object.assign(new Error("no"), fields));
    expect(failure).toMatchObject({
      name: "HarmonyError",
      message: "no\nat messages[0]",
      ...fields,
    });
    expect(instance.isLost).toBe(false);
    expect(instance.constants().name).toBe("HarmonyGptOss");
  });

  it.each([
    ["a trap", new WebAssembly.RuntimeError("unreachable")],
    ["Node's own code", Object.assign(new TypeError("no"), { code: "ERR_INVALID_ARG_TYPE" })],
    ["nothing at all", undefined],
  ])("with %s retires the instance", async (_, error) => {
    const { instance, failure } = await failWith(error);
    expect(failure.code).toBe("instance_lost");
    expect(instance.isLost).toBe(true);
  });
});
