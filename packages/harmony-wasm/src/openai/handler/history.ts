/**
 * Finds the turns that a request names. This module promises a lookup without
 * waiting, because everything named in the body was fetched before; whether a
 * turn is what the request says is checked by whoever uses it.
 */

import type { StoredTurn } from "../store/store.js";
import type { SampledHistory } from "../types.js";
import type { Client } from "./client.js";

/** The ids that this server gives out, as they are written in JSON. */
const IDS = /"((?:chatcmpl-|call_|resp_|rs_|msg_|fc_|ctc_|ci_|ws_)[0-9a-f]{32})"/g;

/** A body names no more turns than this; more than that are rendered again. */
const MOST_IDS = 10_000;

/** The turns that the body names. */
export async function historyFor(client: Client, body: string): Promise<SampledHistory> {
  const turns = new Map<string, StoredTurn>();
  for (const id of new Set(idsIn(body))) {
    if (turns.has(id)) continue;
    const turn = await client.find(id);
    // A turn is fetched once, whichever of its items are named.
    for (const each of turn ? [id, turn.id, ...turn.itemIds] : []) if (turn) turns.set(each, turn);
  }
  return {
    find({ ids }) {
      const known = ids.find((id) => turns.has(id));
      return known === undefined ? undefined : turns.get(known)?.completion;
    },
  };
}

function idsIn(body: string): string[] {
  const ids: string[] = [];
  for (const [, id = ""] of body.matchAll(IDS)) {
    if (ids.length === MOST_IDS) break;
    ids.push(id);
  }
  return ids;
}
