import wasm from "harmony-wasm/harmony.wasm";
import * as harmony from "harmony-wasm/slim";

const load = () => harmony.createHarmonyEncoding(wasm);
import(`${location.origin}/suite.mjs`)
  .then(({ report }) => report(harmony, load))
  .then((result) => console.log(JSON.stringify(result)));
