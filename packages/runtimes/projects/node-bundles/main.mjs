import * as harmony from "harmony-wasm";

// Not bundled, so that the bundle's size is the package's.
const { report } = await import(process.env.SUITE);
console.log(JSON.stringify(await report(harmony)));
