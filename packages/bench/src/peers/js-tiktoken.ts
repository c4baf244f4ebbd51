/** js-tiktoken, with the one encoding that is asked for. */

import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "js-tiktoken",
  async load() {
    const [{ Tiktoken }, { default: ranks }] = await Promise.all([
      import("js-tiktoken/lite"),
      import("js-tiktoken/ranks/o200k_base"),
    ]);
    const encoding = new Tiktoken(ranks);
    return { encode: (text) => encoding.encode(text, [], []) };
  },
};
