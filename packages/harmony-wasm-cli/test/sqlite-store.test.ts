/** The SQLite file behind `harmony serve`. */

import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { sqliteStore } from "../src/serve/sqlite-store.ts";
import { scratchFolder } from "./support.ts";

const file = scratchFolder();
const DAY = 86_400_000;
const turn = {
  id: "resp_1",
  itemIds: ["call_1", "rs_1"],
  owner: "a",
  completion: Uint32Array.of(200005, 0, 2 ** 32 - 1),
  response: '{"id":"resp_1"}',
  input: "[]",
  previous: "resp_0",
};

test("a turn is found by each of its ids, by its owner only, in another process too", () => {
  const store = sqliteStore(file("found.db"), 30);
  store.put(turn);
  store.put({ ...turn, owner: "b", completion: Uint32Array.of(7), previous: undefined });
  store.close();
  const again = sqliteStore(file("found.db"), 30);
  for (const id of ["resp_1", "rs_1", "call_1"]) {
    expect(again.find("a", id)).toEqual(turn);
    expect(again.find("b", id)).toMatchObject({ completion: Uint32Array.of(7) });
    expect(again.find("c", id)).toBe(undefined);
  }
  again.close();
});

test("a deleted turn is not found by any id, and only its owner can delete it", () => {
  const store = sqliteStore(file("deleted.db"), 30);
  store.put(turn);
  expect(store.delete("b", "resp_1")).toBe(false);
  expect(store.delete("a", "resp_1")).toBe(true);
  expect(store.delete("a", "resp_1")).toBe(false);
  expect(store.find("a", "call_1")).toBe(undefined);
  store.close();
});

test("a turn that is put again replaces the first", () => {
  const store = sqliteStore(file("again.db"), 30);
  store.put(turn);
  store.put({ ...turn, itemIds: ["msg_1"] });
  expect(store.find("a", "call_1")).toBe(undefined);
  expect(store.find("a", "msg_1")).toEqual({ ...turn, itemIds: ["msg_1"] });
  store.close();
});

test("a turn is gone when its days are over", () => {
  let now = 1_000_000_000_000;
  const store = sqliteStore(file("old.db"), 2, () => now);
  store.put(turn);
  now += 2 * DAY;
  expect(store.find("a", "resp_1")).toEqual(turn);
  now += 1;
  expect(store.find("a", "resp_1")).toBe(undefined);
  store.close();
});

test("a turn that cannot be put leaves nothing behind", () => {
  const store = sqliteStore(file("broken.db"), 30);
  // @ts-expect-error A number is not an id.
  expect(() => store.put({ ...turn, itemIds: ["call_1", {}] })).toThrow();
  expect(store.find("a", "resp_1")).toBe(undefined);
  store.put(turn);
  expect(store.find("a", "resp_1")).toEqual(turn);
  store.close();
});

test("two processes may use the file, and share its secret", () => {
  const one = sqliteStore(file("shared.db"), 30);
  const other = sqliteStore(file("shared.db"), 30);
  expect(other.secret()).toEqual(one.secret());
  expect(one.secret()).toHaveLength(32);
  one.put(turn);
  expect(other.find("a", "rs_1")).toEqual(turn);
  one.close();
  other.close();
});

test("a file of a later version is refused", () => {
  const database = new DatabaseSync(file("later.db"));
  database.exec("PRAGMA user_version = 2");
  database.close();
  expect(() => sqliteStore(file("later.db"), 30)).toThrow(/later version/);
});
