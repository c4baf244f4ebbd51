/**
 * The smallest gpt-oss that writes harmony: the real architecture and all of the
 * model's 201,088 ids, with weights that nobody trained. An id's embedding says
 * what kind of token it is, and the output layer what may follow that kind. So it
 * writes headers, text, calls and terminators, and errs often.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { gguf, integersField, numberField, type Tensor, textField, textsField } from "./gguf.ts";

const TARGET = new URL("../../../../target/", import.meta.url);

const VOCABULARY = 201_088;
/** Ids below are text, ids from here on special tokens. */
const TEXT = 199_998;
const SIZE = { width: 32, heads: 2, head: 32, experts: 4, feed: 32, layers: 2 } as const;

const encoding = loadHarmonyEncodingSync();

/** The file of the model, made once for each version of its makers. */
export function tinyModel(): string {
  const makers = ["gguf.ts", "tiny-model.ts"].map((file) =>
    readFileSync(new URL(file, import.meta.url)),
  );
  const version = createHash("sha256").update(Buffer.concat(makers)).digest("hex").slice(0, 12);
  const path = fileURLToPath(new URL(`tiny-gpt-oss-${version}.gguf`, TARGET));
  if (existsSync(path)) return path;
  mkdirSync(TARGET, { recursive: true });
  // Renamed when it is whole: another process may look for it.
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, gguf([...architecture(), ...vocabularyFields()], tensors()));
  renameSync(partial, path);
  return path;
}

/** What follows a kind of token, with its weight; "" is all text together. */
const CHAIN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "<|start|>": { assistant: 90, functions: 4, "": 2 },
  assistant: { "<|channel|>": 85, " to": 8, "<|message|>": 4, "": 3 },
  "<|channel|>": { analysis: 40, final: 35, comment: 22, "": 2 },
  comment: { ary: 98, "": 2 },
  analysis: { "<|message|>": 90, " to": 5, "<|end|>": 2, "": 2 },
  final: { "<|message|>": 93, "<|constrain|>": 3, "": 3 },
  ary: { " to": 70, "<|message|>": 25, "<|constrain|>": 3 },
  " to": { "=": 60, "": 40 },
  "=": { functions: 60, "": 40 },
  functions: { ".": 70, "": 30 },
  "<|constrain|>": { json: 90, "": 10 },
  json: { "<|message|>": 70, "": 30 },
  "<|message|>": { "": 96, "<|end|>": 2, "<|channel|>": 1 },
  "<|end|>": { "<|start|>": 93, "<|channel|>": 3, "": 3 },
  "<|return|>": { "<|start|>": 90, "": 10 },
  "<|call|>": { "<|start|>": 90, "": 10 },
  "": { "": 930, "<|end|>": 25, "<|return|>": 15, "<|call|>": 12, "<|message|>": 4, " to": 5 },
};

/** A linear congruential generator: the same weights everywhere. */
let state = 1;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

function noise(length: number, scale: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, () => (random() + random() + random() - 1.5) * 2 * scale);
}

function idOf(text: string): number {
  return encoding.encode(text, { allowedSpecial: "all" })[0] ?? 0;
}

function logit(weight: number): number {
  return Math.log(weight) / Math.sqrt(SIZE.width);
}

/** Each kind has a column of the width. */
function language(): Tensor[] {
  const { width } = SIZE;
  const kinds = Object.keys(CHAIN);
  const embedding = noise(VOCABULARY * width, 0.01);
  const output = noise(VOCABULARY * width, 0.01);
  kinds.forEach((kind, column) => {
    const next = CHAIN[kind] ?? {};
    const text = logit((next[""] ?? 0.5) / TEXT);
    const special = logit(1 / 1090);
    for (let id = 0; id < VOCABULARY; id += 1) {
      output[id * width + column] = id < TEXT ? text : special;
      if (kind === "") embedding[id * width + column] = 1;
    }
    for (const [each, weight] of Object.entries(next)) {
      if (each !== "") output[idOf(each) * width + column] = logit(weight);
    }
  });
  kinds.forEach((kind, column) => {
    if (kind === "") return;
    kinds.forEach((_, each) => {
      embedding[idOf(kind) * width + each] = each === column ? 1 : 0;
    });
  });
  const shape = [width, VOCABULARY];
  return [
    { name: "token_embd.weight", shape, type: "q8_0", values: embedding },
    { name: "output.weight", shape, type: "q8_0", values: output },
    ones("output_norm.weight"),
  ];
}

function ones(name: string): Tensor {
  const { width } = SIZE;
  return { name, shape: [width], type: "f32", values: new Float32Array(width).fill(1) };
}

function weights(name: string, shape: readonly number[], scale: number): Tensor {
  const length = shape.reduce((product, each) => product * each, 1);
  return { name, shape, type: "f32", values: noise(length, scale) };
}

/** What a layer adds is scaled down where it joins: else the chain drowns in it, and only text comes. */
function layer(index: number): Tensor[] {
  const { width, heads, head, experts, feed } = SIZE;
  const at = (name: string) => `blk.${index}.${name}`;
  const all = heads * head;
  const heights = { q: all, k: head, v: head };
  return [
    ones(at("attn_norm.weight")),
    ones(at("post_attention_norm.weight")),
    ...Object.entries(heights).flatMap(([name, height]) => [
      weights(at(`attn_${name}.weight`), [width, height], 0.05),
      weights(at(`attn_${name}.bias`), [height], 0.05),
    ]),
    weights(at("attn_output.weight"), [all, width], 0.0025),
    weights(at("attn_output.bias"), [width], 0.0025),
    weights(at("attn_sinks.weight"), [heads], 0.05),
    weights(at("ffn_gate_inp.weight"), [width, experts], 0.05),
    weights(at("ffn_gate_inp.bias"), [experts], 0.05),
    ...expertWeights(at, "gate", width, feed, 0.05),
    ...expertWeights(at, "up", width, feed, 0.05),
    ...expertWeights(at, "down", feed, width, 0.0025),
  ];
}

function expertWeights(
  at: (name: string) => string,
  name: string,
  from: number,
  to: number,
  scale: number,
): Tensor[] {
  return [
    weights(at(`ffn_${name}_exps.weight`), [from, to, SIZE.experts], scale),
    weights(at(`ffn_${name}_exps.bias`), [to, SIZE.experts], scale),
  ];
}

function tensors(): Tensor[] {
  return [...language(), ...Array.from({ length: SIZE.layers }, (_, index) => layer(index)).flat()];
}

function architecture() {
  const { width, heads, head, experts, feed, layers } = SIZE;
  const numbers = {
    context_length: 131_072,
    embedding_length: width,
    block_count: layers,
    feed_forward_length: feed,
    expert_feed_forward_length: feed,
    "attention.head_count": heads,
    "attention.head_count_kv": 1,
    "attention.key_length": head,
    "attention.value_length": head,
    expert_count: experts,
    expert_used_count: 2,
    "attention.sliding_window": 128,
    "rope.scaling.original_context_length": 4096,
  };
  return [
    textField("general.architecture", "gpt-oss"),
    ...Object.entries(numbers).map(([key, value]) => numberField(`gpt-oss.${key}`, "u32", value)),
    numberField("gpt-oss.rope.freq_base", "f32", 150_000),
    numberField("gpt-oss.attention.layer_norm_rms_epsilon", "f32", 1e-5),
    textField("gpt-oss.rope.scaling.type", "yarn"),
    numberField("gpt-oss.rope.scaling.factor", "f32", 32),
  ];
}

function vocabularyFields() {
  const { tokens, merges } = vocabulary();
  const types = tokens.map((_, id) => (id < TEXT ? 1 : 3));
  return [
    textField("tokenizer.ggml.model", "gpt2"),
    textField("tokenizer.ggml.pre", "gpt-4o"),
    textsField("tokenizer.ggml.tokens", tokens),
    integersField("tokenizer.ggml.token_type", types),
    textsField("tokenizer.ggml.merges", merges),
    numberField("tokenizer.ggml.bos_token_id", "u32", idOf("<|startoftext|>")),
    numberField("tokenizer.ggml.eos_token_id", "u32", idOf("<|return|>")),
    numberField("tokenizer.ggml.padding_token_id", "u32", idOf("<|endoftext|>")),
    numberField("tokenizer.ggml.add_bos_token", "bool", 0),
  ];
}

/** GPT-2's format spells a byte that is not a visible character as another one. */
function spellings(): string[] {
  let hidden = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    if (isVisible) return String.fromCharCode(byte);
    hidden += 1;
    return String.fromCharCode(hidden - 1);
  });
}

function vocabulary(): { tokens: string[]; merges: string[] } {
  const characters = spellings();
  const spelled = (bytes: string) =>
    Array.from(bytes, (byte) => characters[byte.charCodeAt(0)]).join("");
  const texts = Array.from({ length: TEXT }, (_, id) =>
    Buffer.from(encoding.decodeBytes([id])).toString("latin1"),
  );
  const ranks = new Map(texts.map((bytes, id) => [bytes, id]));
  const merges = texts.flatMap((bytes, rank) => {
    const [left, right] = mergedFrom(bytes, rank, ranks);
    return right === undefined ? [] : [`${spelled(left)} ${spelled(right)}`];
  });
  const specials = Array.from({ length: VOCABULARY - TEXT }, (_, index) =>
    encoding.decode([TEXT + index]),
  );
  return { tokens: [...texts.map(spelled), ...specials], merges };
}

/** The last two pieces that byte pair encoding merges into a token. */
function mergedFrom(
  bytes: string,
  rank: number,
  ranks: ReadonlyMap<string, number>,
): [string, string?] {
  const parts = [...bytes];
  while (parts.length > 2) {
    let best = rank;
    let at = -1;
    for (let index = 0; index + 1 < parts.length; index += 1) {
      const joined = ranks.get(`${parts[index]}${parts[index + 1]}`) ?? rank;
      if (joined < best) [best, at] = [joined, index];
    }
    parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
  }
  const [left = "", right] = parts;
  return right === undefined ? [left] : [left, right];
}
