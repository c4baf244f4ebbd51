/**
 * One measurement of one peer, in this process: `child.ts <peer> <measurement>
 * [corpus]`. Prints figures as JSON. Started by `run.ts`.
 */

import type { CorpusName } from "../corpora/corpora.ts";
import type { Figures } from "./measure.ts";

const [id = "", measurement = "", corpus] = process.argv.slice(2);

const STARTING = ["empty", "load", "ships"];

async function measured(): Promise<Figures> {
  if (measurement === "conversation") return (await import("./conversation.ts")).conversation();
  return STARTING.includes(measurement) ? started() : encoded();
}

async function started(): Promise<Figures> {
  const { load, memory, ships } = await import("./starting.ts");
  if (measurement === "empty") return memory();
  const { peer } = await import(`../peers/${id}.ts`);
  return measurement === "load" ? load(peer) : ships(peer);
}

async function encoded(): Promise<Figures> {
  const { encode, small } = await import("./measure.ts");
  const { peer } = await import(`../peers/${id}.ts`);
  if (measurement === "encode") return encode(peer, id, corpus as CorpusName);
  if (measurement === "small") return small(peer);
  throw new Error(`no measurement ${measurement}`);
}

console.log(JSON.stringify(await measured()));
