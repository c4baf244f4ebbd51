import * as harmony from "harmony-wasm";

// Not bundled, so that the bundle's size is the package's.
import(/* webpackIgnore: true */ /* @vite-ignore */ process.env.SUITE)
  .then(({ report }) => report(harmony))
  .then((result) => console.log(JSON.stringify(result)));
