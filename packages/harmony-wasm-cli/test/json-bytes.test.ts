/** The writer of JSON lines writes what JSON.stringify does. */

import { expect, it } from "vitest";
import { JsonBytes } from "../src/files/json-bytes.ts";

const text = new JsonBytes();

it("writes integers of every length, with their sign", () => {
  const below = Array.from({ length: 20_000 }, (_, value) => value * 51);
  const powers = Array.from({ length: 10 }, (_, power) => [10 ** power - 1, 10 ** power]).flat();
  const lists = [
    Int32Array.from([...powers, ...powers.map((each) => -each), 2 ** 31 - 1, -(2 ** 31)]),
    Uint32Array.from([...powers, 2 ** 32 - 1]),
    Uint32Array.from(below),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    new Int32Array(0),
  ];
  for (const list of lists) {
    text.numbers(list);
    expect(Buffer.from(text.take()).toString()).toBe(JSON.stringify(Array.from(list)));
  }
});

it("writes runs of equal numbers of every width, and what follows them", () => {
  for (const value of [0, 7, 42, 200_012, 999_999, 1_000_000, 2 ** 31 - 1, -1, -100, -(2 ** 31)]) {
    for (const times of [1, 2, 3, 15, 16, 17, 1000]) {
      const list = Int32Array.of(5, ...Array(times).fill(value), 123, ...Array(times).fill(value));
      text.numbers(list);
      text.text(",");
      text.numbers(list.subarray(1));
      const expected = `${JSON.stringify(Array.from(list))},[${Array.from(list).slice(1)}]`;
      expect(Buffer.from(text.take()).toString()).toBe(expected);
    }
  }
});

it("keeps text of any length and script between numbers", () => {
  const long = JSON.stringify("日本 🦄 ".repeat(300_000));
  text.text(long);
  text.numbers(Int32Array.of(-100, 7));
  text.text("\n");
  expect(Buffer.from(text.take()).toString()).toBe(`${long}[-100,7]\n`);
  text.numbers(new Uint8Array(900_000).fill(255));
  expect(JSON.parse(Buffer.from(text.take()).toString())).toHaveLength(900_000);
});

it("has room for a list of the longest numbers", () => {
  const fresh = new JsonBytes();
  const list = Int32Array.from({ length: 200_000 }, (_, index) => -(2 ** 31) + (index % 2));
  fresh.numbers(list);
  expect(Buffer.from(fresh.take()).toString()).toBe(JSON.stringify(Array.from(list)));
});
