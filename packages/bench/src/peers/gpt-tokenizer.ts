/** gpt-tokenizer, with the one encoding that is asked for. */

import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "gpt-tokenizer",
  async load() {
    const { encode } = await import("gpt-tokenizer/encoding/o200k_base");
    const nothing = { disallowedSpecial: new Set<string>() };
    return { encode: (text) => encode(text, nothing) };
  },
};
