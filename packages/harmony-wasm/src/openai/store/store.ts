/**
 * What a server remembers of the turns it produced. This module promises the
 * contract; where turns are kept is for its implementations.
 */

/** A turn that the server produced. */
export interface StoredTurn {
  /** The id of the response or of the chat completion. */
  id: string;
  /** The ids of its calls and items: whatever a client can name the turn by. */
  itemIds: readonly string[];
  /** Who it was produced for. A turn is found by nobody else. */
  owner: string;
  /** The sampled ids, with the stop token. */
  completion: Uint32Array;
  /** A Responses answer as JSON text. Absent: it cannot be retrieved. */
  response?: string | undefined;
  /** The input items of its own request, as the JSON text of an array. */
  input?: string | undefined;
  /** The id of the response that it continues. */
  previous?: string | undefined;
}

/** Keeps turns. Methods may be asynchronous; a turn that is lost is rendered again from its request. */
export interface ResponseStore {
  put(turn: StoredTurn): void | Promise<void>;
  /** The turn with this id, or one of whose items has it. */
  find(owner: string, id: string): StoredTurn | undefined | Promise<StoredTurn | undefined>;
  /** Whether there was such a response. */
  delete(owner: string, id: string): boolean | Promise<boolean>;
}
