import * as harmony from "./node_modules/harmony-wasm/dist/browser.js";
import { report } from "./suite.mjs";

console.log(JSON.stringify(await report(harmony)));
