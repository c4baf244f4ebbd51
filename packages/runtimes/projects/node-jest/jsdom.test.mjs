/** @jest-environment jsdom */
import * as harmony from "harmony-wasm/inline";
import { report } from "./suite.mjs";

test("jsdom", async () => {
  expect(document.body).toBeDefined();
  process.stdout.write(`${JSON.stringify(await report(harmony))}\n`);
});
