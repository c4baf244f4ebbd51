/** The measurement of memory as a case. It needs a page of its own. */

import type { Case } from "harmony-conformance/loading/environment";
import { collected, memoryFailures, memoryFigures, watchMemory } from "harmony-conformance/memory";

/** The measurements. */
export const memoryNotes: string[] = [];

export const memoryCases: Case[] = [
  {
    name: "disposed and forgotten parsers free their memory",
    async run({ freshCopy }) {
      const wasmBytes = watchMemory();
      const { loadHarmonyEncoding, StreamableParser } = await freshCopy();
      const encoding = await loadHarmonyEncoding();
      const figures = await memoryFigures({ encoding, StreamableParser, wasmBytes, collect });
      memoryNotes.push(...figures.map(({ name, growth }) => `${name}: ${growth} bytes`));
      const failures = memoryFailures(figures);
      if (failures.length > 0) throw new Error(failures.join("; "));
    },
  },
];

async function collect(): Promise<void> {
  if (!globalThis.gc) throw new Error("start with --js-flags=--expose-gc");
  await collected(globalThis.gc);
}
