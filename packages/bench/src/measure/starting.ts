/**
 * What starting a peer costs: time, memory and files. Nothing is imported here that
 * a peer imports too, such as a vocabulary for the corpora: it would be there already.
 */

import { registerHooks } from "node:module";
import type { Peer } from "../peers/peer.ts";
import type { Figures } from "./measure.ts";
import { sizesOf } from "./sizes.ts";

/** Milliseconds from before the import to the first ids, and the memory then held. */
export async function load(peer: Peer): Promise<Figures> {
  const before = performance.now();
  const encoder = await peer.load();
  const { length } = encoder.encode("hello");
  const ms = performance.now() - before;
  if (length !== 1) throw new Error("hello is one token");
  return { load: ms, ...(await memory()) };
}

/** Megabytes of this process once its garbage is collected. */
export async function memory(): Promise<Figures> {
  // Compilation in the background ends first, or it would be counted by chance.
  await new Promise((resolve) => setTimeout(resolve, 300));
  globalThis.gc?.();
  return { memory: process.memoryUsage.rss() / 1e6 };
}

/** The bytes of the modules that a peer imports and of its assets. */
export async function ships(peer: Peer): Promise<Figures> {
  const files = new Set<string>();
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:")) files.add(url);
      return nextLoad(url, context);
    },
  });
  await peer.load();
  hooks.deregister();
  return sizesOf([...files, ...(peer.assets ?? [])]);
}
