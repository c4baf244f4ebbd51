/** harmony-wasm, as it is built in this repository. */

import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "harmony-wasm",
  assets: [import.meta.resolve("harmony-wasm/harmony.wasm")],
  async load() {
    const { loadHarmonyEncoding } = await import("harmony-wasm");
    const encoding = await loadHarmonyEncoding();
    return { encode: (text) => encoding.encodeOrdinary(text) };
  },
};
