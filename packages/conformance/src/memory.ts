/**
 * Memory, as a function of the implementation: rendering, disposing and
 * forgetting must not grow the wasm's memory. That memory never shrinks, so
 * its size shows exactly whether anything leaked.
 */

import type { HarmonyEncoding, RecoveringParser, StreamableParser } from "harmony-wasm";

/** The place where memory is measured: a separate process or page. */
export interface MemoryEnvironment {
  encoding: HarmonyEncoding;
  StreamableParser: typeof StreamableParser;
  /** Measured if given. */
  RecoveringParser?: typeof RecoveringParser;
  /** The bytes of the wasm's memory. */
  wasmBytes(): number;
  /** Collects the garbage, and lets finalizers run. */
  collect(): Promise<void>;
}

/** How much one kind of use grew the wasm's memory, in bytes. */
export interface MemoryFigure {
  name: string;
  growth: number;
  /** The bounds of the allowed growth. */
  bounds: readonly [least: number, most: number];
}

const RENDERS = 100_000;
const PARSERS = 10_000;
/** Forgotten parsers live until garbage collection, which runs after this many. */
const FORGOTTEN_AT_ONCE = 500;
const NOTHING = [0, 0] as const;
/** A few times one batch of forgotten parsers, because finalizers run late. */
const A_BATCH = [0, 4e6] as const;
/** The memory of all parsers. */
const EVERYTHING = [12e6, Number.POSITIVE_INFINITY] as const;
const CONVERSATION = [
  { role: "user", content: "What is the weather in 東京? ".repeat(4) },
] as const;
const COMPLETION =
  "<|channel|>analysis<|message|>Größe, said at some length 😀<|end|>" +
  "<|start|>assistant<|channel|>final<|message|>It is sunny.<|return|>";

/** Measures every kind of use, without judging. */
export async function memoryFigures(environment: MemoryEnvironment): Promise<MemoryFigure[]> {
  const { encoding } = environment;
  const tokens = encoding.encode(COMPLETION, { allowedSpecial: "all" });
  const parsed = () => new environment.StreamableParser(encoding, "assistant").process(tokens);
  const kept: StreamableParser[] = [];
  const render = () => encoding.renderConversation(CONVERSATION);
  const dispose = () => parsed().dispose();
  const forget = (count: number) => {
    parsed();
    return count % FORGOTTEN_AT_ONCE === 0 ? environment.collect() : undefined;
  };
  const keep = () => kept.push(parsed());
  return [
    await figure(environment, "100000 renders", RENDERS, render, NOTHING),
    await figure(environment, "10000 parsers, disposed", PARSERS, dispose, NOTHING),
    await figure(environment, "10000 parsers, forgotten", PARSERS, forget, A_BATCH),
    ...(await recoveringFigures(environment, tokens)),
    // The control: a leak shows.
    await figure(environment, "10000 parsers, kept", PARSERS, keep, EVERYTHING),
  ];
}

async function recoveringFigures(
  environment: MemoryEnvironment,
  tokens: Uint32Array,
): Promise<MemoryFigure[]> {
  const { encoding, RecoveringParser: Parser } = environment;
  if (!Parser) return [];
  const recovered = () => {
    const parser = new Parser(encoding, "assistant");
    parser.push(tokens);
    return parser;
  };
  const dispose = () => recovered().dispose();
  const forget = (count: number) => {
    recovered();
    return count % FORGOTTEN_AT_ONCE === 0 ? environment.collect() : undefined;
  };
  return [
    await figure(environment, "10000 recovering parsers, disposed", PARSERS, dispose, NOTHING),
    await figure(environment, "10000 recovering parsers, forgotten", PARSERS, forget, A_BATCH),
  ];
}

/** One line for each figure outside its bounds. */
export function memoryFailures(figures: readonly MemoryFigure[]): string[] {
  return figures
    .filter(({ growth, bounds: [least, most] }) => growth < least || growth > most)
    .map(({ name, growth, bounds }) => `${name}: ${growth} bytes, not within ${bounds}`);
}

/** The first rounds fill the memory at hand; growth is measured after them. */
async function figure(
  environment: MemoryEnvironment,
  name: string,
  times: number,
  once: (count: number) => unknown,
  bounds: MemoryFigure["bounds"],
): Promise<MemoryFigure> {
  await repeat(environment, FORGOTTEN_AT_ONCE, once);
  const before = environment.wasmBytes();
  await repeat(environment, times, once);
  return { name, growth: environment.wasmBytes() - before, bounds };
}

async function repeat(
  { collect }: MemoryEnvironment,
  times: number,
  once: (count: number) => unknown,
): Promise<void> {
  for (let count = 1; count <= times; count += 1) {
    const waiting = once(count);
    if (waiting instanceof Promise) await waiting;
  }
  await collect();
}

/**
 * Collects the garbage until the engine has run finalizers: they run in a task of
 * their own, which nothing but an object of ours can show.
 */
export async function collected(gc: () => unknown): Promise<void> {
  let isFinalized = false;
  const registry = new FinalizationRegistry<void>(() => {
    isFinalized = true;
  });
  registry.register({});
  while (!isFinalized) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await new Promise((resolve) => setTimeout(resolve, 0)); // Other registries follow ours.
}

/**
 * Captures the memory of the next instance as it is created, because the
 * package does not expose it. Call it before loading.
 */
export function watchMemory(): () => number {
  const memories: WebAssembly.Memory[] = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      if (this.exports.memory instanceof WebAssembly.Memory) memories.push(this.exports.memory);
    }
  };
  return () => memories.reduce((total, { buffer }) => total + buffer.byteLength, 0);
}
