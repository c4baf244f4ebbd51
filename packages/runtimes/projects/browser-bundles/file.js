import * as harmony from "harmony-wasm";
import wasm from "harmony-wasm/harmony.wasm";

const load = () => harmony.loadHarmonyEncoding(undefined, { wasm });
import(`${location.origin}/suite.mjs`)
  .then(({ report }) => report(harmony, load))
  .then((result) => console.log(JSON.stringify(result)));
