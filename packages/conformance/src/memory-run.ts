/** Measures memory in a separate process (`node --expose-gc`). Prints the figures; the last line counts. */

import { loadHarmonyEncoding, RecoveringParser, StreamableParser } from "harmony-wasm";
import { collected, memoryFailures, memoryFigures, watchMemory } from "./memory.ts";

const wasmBytes = watchMemory();
const encoding = await loadHarmonyEncoding();

async function collect(): Promise<void> {
  if (!globalThis.gc) throw new Error("start with --expose-gc");
  await collected(globalThis.gc);
}

const parsers = { StreamableParser, RecoveringParser };
const figures = await memoryFigures({ encoding, ...parsers, wasmBytes, collect });
await collect();
const failures = memoryFailures(figures);
// Ten times the usual remainder, and a tenth of the rendered ids.
const { heapUsed } = process.memoryUsage();
if (heapUsed > 40e6) failures.push(`${heapUsed} bytes of JavaScript are left`);
console.log(JSON.stringify({ figures, heapUsed, wasm: wasmBytes() }, null, 2));
console.log(failures.join("\n"));
console.log(`${figures.length + 1 - failures.length} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
