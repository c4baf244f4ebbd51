"use client";

import * as harmony from "harmony-wasm";
import { useEffect } from "react";

export default function Client() {
  useEffect(() => {
    const suite = `${location.origin}/suite.mjs`;
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ suite)
      .then(({ report }) => report(harmony))
      .then((result) => console.log(JSON.stringify(result)));
  }, []);
  return <p>A client component</p>;
}
