/**
 * One measurement of one peer, in this process: `child.ts <peer> <measurement>
 * [corpus]`. Prints figures as JSON. Started by `run.ts`.
 */

import type { CorpusName } from "../corpora/corpora.ts";
import type { Figures } from "./measure.ts";

const [id = "", measurement = "", corpus] = process.argv.slice(2);

async function measured(): Promise<Figures> {
  const { encode, load, memory, ships, small } = await import("./measure.ts");
  if (measurement === "empty") return memory();
  if (measurement === "conversation") return (await import("./conversation.ts")).conversation();
  const { peer } = await import(`../peers/${id}.ts`);
  switch (measurement) {
    case "encode":
      return encode(peer, id, corpus as CorpusName);
    case "small":
      return small(peer);
    case "load":
      return load(peer);
    case "ships":
      return ships(peer);
    default:
      throw new Error(`no measurement ${measurement}`);
  }
}

console.log(JSON.stringify(await measured()));
