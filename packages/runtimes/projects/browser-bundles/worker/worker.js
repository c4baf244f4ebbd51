import * as harmony from "harmony-wasm";

import(/* webpackIgnore: true */ /* @vite-ignore */ `${location.origin}/suite.mjs`)
  .then(({ report }) => report(harmony))
  .then((result) => postMessage(JSON.stringify(result)));
