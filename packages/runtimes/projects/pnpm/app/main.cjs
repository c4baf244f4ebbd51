const harmony = require("harmony-wasm");

import("../suite.mjs")
  .then(({ report }) => report(harmony))
  .then((result) => console.log(JSON.stringify(result)));
