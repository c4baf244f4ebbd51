/**
 * The turns of one client. This module promises that no client finds another's,
 * and that what a request asks not to store stays in the memory of this process.
 */

import type { ResponseStore, StoredTurn } from "../store/store.js";

/** Where a handler keeps turns. */
export interface TurnStores {
  /** What clients asked to store. */
  kept: ResponseStore;
  /** The sampled ids of everything else, as long as there is room. */
  cached: ResponseStore;
}

/** A turn, before it is known whose it is. */
export type OwnTurn = Omit<StoredTurn, "owner">;

/** Finds and remembers the turns of whoever sent a request. */
export class Client {
  /** Who it is; the same for every request with the same key. */
  readonly owner: string;
  readonly #stores: TurnStores;

  constructor(owner: string, stores: TurnStores) {
    this.owner = owner;
    this.#stores = stores;
  }

  /** The turn with this id, or one of whose items has it. */
  async find(id: string): Promise<StoredTurn | undefined> {
    const { kept, cached } = this.#stores;
    return (await cached.find(this.owner, id)) ?? (await kept.find(this.owner, id));
  }

  /** The response with this id, if it was stored. */
  async findResponse(id: string): Promise<(StoredTurn & { response: string }) | undefined> {
    const turn = await this.find(id);
    if (turn?.id !== id || turn.response === undefined) return undefined;
    return { ...turn, response: turn.response };
  }

  /** Remembers a turn, for good or as long as there is room. */
  async put(turn: OwnTurn, isKept: boolean): Promise<void> {
    const { kept, cached } = this.#stores;
    await (isKept ? kept : cached).put({ ...turn, owner: this.owner });
  }

  /** Whether there was such a response. */
  async delete(id: string): Promise<boolean> {
    return (await this.findResponse(id)) !== undefined && this.#stores.kept.delete(this.owner, id);
  }
}
