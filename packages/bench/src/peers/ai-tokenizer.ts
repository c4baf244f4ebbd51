/** ai-tokenizer, with the one encoding that is asked for. */

import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "ai-tokenizer",
  async load() {
    const [{ Tokenizer }, o200k] = await Promise.all([
      import("ai-tokenizer"),
      import("ai-tokenizer/encoding/o200k_base"),
    ]);
    const tokenizer = new Tokenizer(o200k);
    // In this package "all" is the path on which nothing is special, and the fastest.
    return { encode: (text) => tokenizer.encode(text, "all") };
  },
};
