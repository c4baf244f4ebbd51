/**
 * Stored responses in a SQLite file. This module promises that a turn is there
 * whole or not at all, that no owner finds another's, and that a turn is deleted
 * when its days are over. The file is readable by its user alone.
 */

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ResponseStore, StoredTurn } from "harmony-wasm/openai";
import { CommandError } from "../exit.ts";

/** The version of the tables; a file of a later one is refused. */
const VERSION = 1;
const DAY_MS = 86_400_000;

const TABLES = `
  CREATE TABLE turns (
    key INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    completion BLOB NOT NULL,
    response TEXT,
    input TEXT,
    previous TEXT,
    UNIQUE (owner, id)
  ) STRICT;
  CREATE INDEX turns_created ON turns (created);
  CREATE TABLE items (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    turn INTEGER NOT NULL REFERENCES turns (key) ON DELETE CASCADE,
    PRIMARY KEY (owner, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX items_turn ON items (turn);
  CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;

const FIND = `
  SELECT owner, id, completion, response, input, previous,
    (SELECT json_group_array(items.id) FROM items WHERE items.turn = turns.key) AS item_ids
  FROM turns
`;

/** A store that has to be closed. */
export interface SqliteStore extends ResponseStore {
  /** A secret that is made once, and kept in the file. */
  secret(): Uint8Array;
  close(): void;
}

/** Opens the file, or makes it. Turns older than `days` are deleted. */
export function sqliteStore(file: string, days: number, now: () => number = Date.now): SqliteStore {
  const database = opened(file);
  return new Store(database, days * DAY_MS, now);
}

function opened(file: string): DatabaseSync {
  try {
    closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file);
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;");
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
    migrate(database, file);
    return database;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--store ${file} cannot be opened: ${reason}`);
  }
}

function migrate(database: DatabaseSync, file: string): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version === 0) database.exec(TABLES);
  database.exec("COMMIT");
  if (version > VERSION) {
    database.close();
    throw new CommandError(`--store ${file} is of a later version of harmony (${version})`);
  }
}

class Store implements SqliteStore {
  readonly #database: DatabaseSync;
  readonly #lifeMs: number;
  readonly #now: () => number;
  readonly #statements: Record<
    "put" | "putItem" | "byId" | "byItem" | "delete" | "expire",
    StatementSync
  >;

  constructor(database: DatabaseSync, lifeMs: number, now: () => number) {
    this.#database = database;
    this.#lifeMs = lifeMs;
    this.#now = now;
    this.#statements = {
      put: database.prepare(
        "INSERT INTO turns (owner, id, created, completion, response, input, previous)" +
          " VALUES (?, ?, ?, ?, ?, ?, ?)",
      ),
      putItem: database.prepare("INSERT OR REPLACE INTO items (owner, id, turn) VALUES (?, ?, ?)"),
      byId: database.prepare(`${FIND} WHERE owner = ? AND id = ?`),
      byItem: database.prepare(
        `${FIND} WHERE key = (SELECT turn FROM items WHERE items.owner = ? AND items.id = ?)`,
      ),
      delete: database.prepare("DELETE FROM turns WHERE owner = ? AND id = ?"),
      expire: database.prepare("DELETE FROM turns WHERE created < ?"),
    };
  }

  put(turn: StoredTurn): void {
    const { owner, id, completion, itemIds, response, input, previous } = turn;
    const { put, putItem, delete: remove, expire } = this.#statements;
    const now = this.#now();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      expire.run(now - this.#lifeMs);
      remove.run(owner, id);
      const parts = [response ?? null, input ?? null, previous ?? null];
      const { lastInsertRowid } = put.run(owner, id, now, bytesOf(completion), ...parts);
      for (const item of itemIds) putItem.run(owner, item, lastInsertRowid);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  find(owner: string, id: string): StoredTurn | undefined {
    const { byId, byItem, expire } = this.#statements;
    expire.run(this.#now() - this.#lifeMs);
    const row = byId.get(owner, id) ?? byItem.get(owner, id);
    if (row === undefined) return undefined;
    return {
      owner: String(row.owner),
      id: String(row.id),
      itemIds: JSON.parse(String(row.item_ids)),
      completion: tokensOf(row.completion),
      response: textOf(row.response),
      input: textOf(row.input),
      previous: textOf(row.previous),
    };
  }

  delete(owner: string, id: string): boolean {
    return Number(this.#statements.delete.run(owner, id).changes) > 0;
  }

  secret(): Uint8Array {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.#database
      .prepare("INSERT OR IGNORE INTO settings (name, value) VALUES ('encryption_key', ?)")
      .run(secret);
    const row = this.#database
      .prepare("SELECT value FROM settings WHERE name = 'encryption_key'")
      .get();
    return row?.value instanceof Uint8Array ? row.value : secret;
  }

  close(): void {
    this.#database.close();
  }
}

/** Little-endian, whatever this machine is. */
function bytesOf(tokens: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(tokens.length * 4));
  tokens.forEach((token, index) => {
    view.setUint32(index * 4, token, true);
  });
  return new Uint8Array(view.buffer);
}

function tokensOf(value: unknown): Uint32Array {
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) =>
    view.getUint32(index * 4, true),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
