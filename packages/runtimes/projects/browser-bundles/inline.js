import * as harmony from "harmony-wasm/inline";

import(`${location.origin}/suite.mjs`)
  .then(({ report }) => report(harmony))
  .then((result) => console.log(JSON.stringify(result)));
