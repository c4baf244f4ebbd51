/**
 * Turns in memory. This module promises that they never take more than their
 * limit; the ones used longest ago go first.
 */

import { checkedBy, type OptionChecks } from "../check/options.js";
import { atLeast } from "../check/values.js";
import type { ResponseStore, StoredTurn } from "./store.js";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** How many bytes the turns take together, about. Default 256 MiB. */
  maxBytes?: number;
}

const OPTIONS: OptionChecks<MemoryStoreOptions> = { maxBytes: atLeast(0) };
const MAX_BYTES = 256 * 1024 * 1024;

/** A string takes two bytes a character at most, and an entry of a map about this many. */
const ENTRY_BYTES = 200;

/**
 * A store that lives as long as the process.
 *
 * @example
 * ```ts
 * import { memoryStore } from "harmony-wasm/openai";
 *
 * const store = memoryStore({ maxBytes: 1_000_000 });
 * const completion = Uint32Array.of(200005, 17196, 200008, 12194, 200002);
 * await store.put({ id: "resp_1", itemIds: ["msg_1"], owner: "", completion });
 * (await store.find("", "msg_1"))?.id; // => "resp_1"
 * (await store.find("another client", "msg_1")) === undefined; // => true
 * ```
 */
export function memoryStore(options?: MemoryStoreOptions | null): ResponseStore {
  const { maxBytes = MAX_BYTES } = checkedBy<MemoryStoreOptions>("options", options, OPTIONS);
  return new MemoryStore(maxBytes);
}

class MemoryStore implements ResponseStore {
  /** By owner and id of the turn, the one used longest ago first. */
  readonly #turns = new Map<string, StoredTurn>();
  /** From owner and id of a turn or an item to the key of its turn. */
  readonly #keys = new Map<string, string>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  put(turn: StoredTurn): void {
    const key = keyOf(turn.owner, turn.id);
    this.#forget(key);
    this.#turns.set(key, { ...turn, completion: turn.completion.slice() });
    for (const id of [turn.id, ...turn.itemIds]) this.#keys.set(keyOf(turn.owner, id), key);
    this.#bytes += bytesOf(turn);
    for (const oldest of this.#turns.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
  }

  find(owner: string, id: string): StoredTurn | undefined {
    const key = this.#keys.get(keyOf(owner, id));
    const turn = key === undefined ? undefined : this.#turns.get(key);
    if (key === undefined || turn === undefined) return undefined;
    this.#turns.delete(key);
    this.#turns.set(key, turn);
    return turn;
  }

  delete(owner: string, id: string): boolean {
    return this.#forget(keyOf(owner, id));
  }

  #forget(key: string): boolean {
    const turn = this.#turns.get(key);
    if (turn === undefined) return false;
    this.#turns.delete(key);
    this.#bytes -= bytesOf(turn);
    for (const id of [turn.id, ...turn.itemIds]) {
      const itemKey = keyOf(turn.owner, id);
      if (this.#keys.get(itemKey) === key) this.#keys.delete(itemKey);
    }
    return true;
  }
}

/** Owners have no space in them. */
function keyOf(owner: string, id: string): string {
  return `${owner} ${id}`;
}

function bytesOf({
  id,
  itemIds,
  owner,
  completion,
  response = "",
  input = "",
  previous = "",
}: StoredTurn): number {
  const texts = [id, ...itemIds, response, input, previous].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  const entries = itemIds.length + 2;
  return completion.byteLength + texts * 2 + entries * (ENTRY_BYTES + owner.length * 2);
}
