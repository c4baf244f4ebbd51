/** The writer of JSON lines writes what JSON.stringify does. */

import { expect, it } from "vitest";
import { JsonBytes } from "../src/files/json-bytes.ts";

const text = new JsonBytes();

it("writes integers of every length, with their sign", () => {
  const powers = Array.from({ length: 10 }, (_, power) => [10 ** power - 1, 10 ** power]).flat();
  const lists = [
    Int32Array.from([...powers, ...powers.map((each) => -each), 2 ** 31 - 1, -(2 ** 31)]),
    Uint32Array.from([...powers, 2 ** 32 - 1]),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    new Int32Array(0),
  ];
  for (const list of lists) {
    text.numbers(list);
    expect(Buffer.from(text.take()).toString()).toBe(JSON.stringify(Array.from(list)));
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
