import * as harmony from "./node_modules/harmony-wasm/dist/inline.js";
import { report } from "./suite.mjs";

console.log(JSON.stringify(await report(harmony, () => harmony.loadHarmonyEncodingSync())));
