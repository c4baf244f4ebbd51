/** Where things are, in the repository and in this package. */

import { join } from "node:path";

/** The repository. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");
/** This package. */
export const BENCH = join(import.meta.dirname, "..");
/** What a run leaves behind for its processes to read; not in git. */
export const CACHE = join(BENCH, ".cache");
/** The vocabulary, as tiktoken's format has it. */
export const VOCABULARY_FOLDER = join(ROOT, "crates", "harmony-core", "generated");
export const VOCABULARY = join(VOCABULARY_FOLDER, "o200k_base.tiktoken");
/** The vocabulary, as Hugging Face's format has it; written by `tokenizer-json.ts`. */
export const TOKENIZER_JSON = join(CACHE, "tokenizer.json");
/** What the child processes read: the corpora, and the conversations and streams. */
export const CORPORA = join(CACHE, "corpora.json");
export const STREAMS = join(CACHE, "streams.json");
/** The ids that a peer answered, one file a corpus. */
export const idsFile = (peer: string, corpus: string) => join(CACHE, `ids-${peer}-${corpus}.json`);
