import * as harmony from "./node_modules/harmony-wasm/dist/slim.js";
import { report } from "./suite.mjs";

const load = async () => {
  const wasm = fetch("./node_modules/harmony-wasm/dist/harmony.wasm");
  return harmony.createHarmonyEncoding(await WebAssembly.compileStreaming(wasm));
};
console.log(JSON.stringify(await report(harmony, load)));
