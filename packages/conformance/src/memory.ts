/**
 * Memory, as a function of the implementation: what is rendered, disposed of
 * or forgotten must leave the wasm's memory as large as it was. It never
 * shrinks, so its size is the exact answer to whether anything was kept.
 */

import type { HarmonyEncoding, RecoveringParser, StreamableParser } from "harmony-wasm";

/** Where memory is measured: a process or a page of its own. */
export interface MemoryEnvironment {
  encoding: HarmonyEncoding;
  StreamableParser: typeof StreamableParser;
  /** Measured where it is given. */
  RecoveringParser?: typeof RecoveringParser;
  /** The bytes of the wasm's memory. */
  wasmBytes(): number;
  /** Collects the garbage, and lets finalizers run. */
  collect(): Promise<void>;
}

/** By how much one way of using it made the wasm's memory grow, in bytes. */
export interface MemoryFigure {
  name: string;
  growth: number;
  /** Between which bounds the growth must be. */
  bounds: readonly [least: number, most: number];
}

const RENDERS = 100_000;
const PARSERS = 10_000;
/** Forgotten parsers live until the collector comes; it is called after so many. */
const FORGOTTEN_AT_ONCE = 500;
const NOTHING = [0, 0] as const;
/** A few times as many as are forgotten at once: finalizers come when they come. */
const A_BATCH = [0, 4e6] as const;
/** As much as all parsers hold. */
const EVERYTHING = [12e6, Number.POSITIVE_INFINITY] as const;
const CONVERSATION = [
  { role: "user", content: "What is the weather in 東京? ".repeat(4) },
] as const;
const COMPLETION =
  "<|channel|>analysis<|message|>Größe, said at some length 😀<|end|>" +
  "<|start|>assistant<|channel|>final<|message|>It is sunny.<|return|>";

/** Runs every way; nothing is judged. */
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
    // That what is kept would be seen.
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

/** Which figures are not what they must be. */
export function memoryFailures(figures: readonly MemoryFigure[]): string[] {
  return figures
    .filter(({ growth, bounds: [least, most] }) => growth < least || growth > most)
    .map(({ name, growth, bounds }) => `${name}: ${growth} bytes, not within ${bounds}`);
}

/** The first times fill what there is; the growth after them is measured. */
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
 * Watches instantiation for the memory of the next instance: the package shows
 * its memory to nobody. To be called before the load.
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
