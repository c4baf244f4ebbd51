/**
 * @huggingface/tokenizers. It ships no vocabulary: users download a model's
 * tokenizer.json. Nothing is downloaded here, so the bench writes that file
 * from the vocabulary it has (see `tokenizer-json.ts`).
 */

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { TOKENIZER_JSON } from "../paths.ts";
import type { Peer } from "./peer.ts";

export const peer: Peer = {
  name: "@huggingface/tokenizers",
  assets: [pathToFileURL(TOKENIZER_JSON).href],
  async load() {
    const { Tokenizer } = await import("@huggingface/tokenizers");
    const tokenizer = new Tokenizer(JSON.parse(await readFile(TOKENIZER_JSON, "utf8")), {});
    return { encode: (text) => tokenizer.encode(text).ids };
  },
};
