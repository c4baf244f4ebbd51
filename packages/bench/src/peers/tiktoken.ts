/** npm tiktoken: OpenAI's Rust in wasm, the encodings built in. */

import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "tiktoken",
  assets: [import.meta.resolve("tiktoken/tiktoken_bg.wasm")],
  async load() {
    const { get_encoding } = await import("tiktoken");
    const encoding = get_encoding("o200k_base");
    return { encode: (text) => encoding.encode_ordinary(text) };
  },
};
