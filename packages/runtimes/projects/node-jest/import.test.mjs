import * as harmony from "harmony-wasm";
import { report } from "./suite.mjs";

// Jest decorates console.log.
test("import", async () => process.stdout.write(`${JSON.stringify(await report(harmony))}\n`));
