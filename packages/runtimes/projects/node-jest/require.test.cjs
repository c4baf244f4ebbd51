const harmony = require("harmony-wasm");
const { report } = require("./suite.mjs");

test("require", async () => process.stdout.write(`${JSON.stringify(await report(harmony))}\n`));
