/** Where turns are remembered, and what an untrusted `encrypted_content` can do. */

import { expect, test } from "vitest";
import { encryptedContent } from "../src/openai/store/encrypted-content.ts";
import { memoryStore } from "../src/openai/store/memory.ts";

const completion = Uint32Array.of(200005, 35644, 200008, 12194, 0, 201088, 200012);
const turn = { id: "resp_1", itemIds: ["rs_1", "call_1"], owner: "a", completion };
const key = (byte: number) => new Uint8Array(32).fill(byte);

test("a turn is found by each of its ids, by its owner only", () => {
  const store = memoryStore();
  store.put(turn);
  for (const id of ["resp_1", "rs_1", "call_1"]) {
    expect(store.find("a", id)).toMatchObject({ id: "resp_1", completion });
    expect(store.find("b", id)).toBe(undefined);
  }
});

test("a stored turn is not the caller's array", () => {
  const store = memoryStore();
  const own = completion.slice();
  store.put({ ...turn, completion: own });
  own.fill(0);
  expect(store.find("a", "resp_1")).toMatchObject({ completion });
});

test("a deleted turn is not found, by any id, and only its owner can delete it", () => {
  const store = memoryStore();
  store.put(turn);
  expect(store.delete("b", "resp_1")).toBe(false);
  expect(store.delete("a", "resp_1")).toBe(true);
  expect(store.delete("a", "resp_1")).toBe(false);
  expect(store.find("a", "call_1")).toBe(undefined);
});

test("memory is bounded, and the turns used last stay", () => {
  const store = memoryStore({ maxBytes: 10_000 });
  store.put({ ...turn, id: "resp_used", itemIds: [] });
  for (let index = 0; index < 1_000; index += 1) {
    store.put({ ...turn, id: `resp_${index}`, itemIds: [] });
    expect(store.find("a", "resp_used")).toBeDefined();
  }
  expect(store.find("a", "resp_0")).toBe(undefined);
  expect(store.find("a", "resp_999")).toBeDefined();
});

test("a turn larger than the memory is forgotten at once", () => {
  const store = memoryStore({ maxBytes: 1_000 });
  store.put({ ...turn, completion: new Uint32Array(1_000) });
  expect(store.find("a", "resp_1")).toBe(undefined);
});

const sealed = { thought: "Two cities. 🦜", tokens: completion };

test("a turn comes back from its text", async () => {
  const codec = encryptedContent(key(1));
  const long = { thought: "", tokens: new Uint32Array(131_072).fill(7) };
  for (const each of [sealed, long, { thought: sealed.thought }]) {
    expect(await codec.open("a", await codec.seal("a", each))).toEqual(each);
  }
});

test("a key may be text, and makes the same codec in every process", async () => {
  const text = await encryptedContent("k".repeat(32)).seal("a", sealed);
  expect(await encryptedContent("k".repeat(32)).open("a", text)).toEqual(sealed);
});

test("no text of another key, of another owner, or changed anywhere is opened", async () => {
  const codec = encryptedContent(key(1));
  const text = await codec.seal("a", sealed);
  expect(await codec.open("b", text)).toBe(undefined);
  for (const other of [encryptedContent(key(2)), encryptedContent()]) {
    expect(await other.open("a", text)).toBe(undefined);
  }
  for (let index = 0; index < text.length; index += 1) {
    const other = text[index] === "A" ? "Q" : "A";
    const changed = text.slice(0, index) + other + text.slice(index + 1);
    expect(await codec.open("a", changed)).toBe(undefined);
    expect(await codec.open("a", text.slice(0, index))).toBe(undefined);
  }
});

test("a text says nothing of the turn, and is another one each time", async () => {
  const codec = encryptedContent(key(1));
  const texts = await Promise.all([codec.seal("a", sealed), codec.seal("a", sealed)]);
  expect(texts[0]).not.toBe(texts[1]);
  for (const text of texts) {
    expect(text).toMatch(/^h1\.[\w-]+$/);
    expect(atob(text.slice(3).replaceAll("-", "+").replaceAll("_", "/"))).not.toContain("cities");
  }
});

test.each([
  "",
  "h1",
  "h1.",
  "h2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "h1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "h1.%%%%%%%%%%%%%%%%%%%%%%%%",
  `h1.${"A".repeat(5_000_000)}`,
  "gAAAAABo-another-server's",
])("a text of something else is not opened (%#)", async (text) => {
  expect(await encryptedContent(key(1)).open("a", text)).toBe(undefined);
});

test("a key that is too short is refused", () => {
  expect(() => encryptedContent(new Uint8Array(31))).toThrow(RangeError);
});
