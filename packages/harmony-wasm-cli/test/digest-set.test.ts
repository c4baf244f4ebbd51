/** The set of digests, against a Set of their texts; the digests, against Node's own SHA-256. */

import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { DIGEST_BYTES, digestOf, idsDigest, joinedDigests } from "../src/rows/digest.ts";
import { DigestSet, DigestSetFull } from "../src/selection/digest-set.ts";

const MB = 1024 * 1024;

it("a digest is the beginning of the SHA-256 of the ids as little-endian words", () => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(200_006, 0);
  bytes.writeUInt32LE(17, 4);
  const expected = createHash("sha256")
    .update(bytes)
    .digest("hex")
    .slice(0, 2 * DIGEST_BYTES);
  const part = Uint32Array.of(1, 200_006, 17).subarray(1);
  expect(Buffer.from(idsDigest(part)).toString("hex")).toBe(expected);
  expect(digestOf("a")).not.toEqual(digestOf("b"));
});

it("finds each digest new once, in any batches", () => {
  const set = new DigestSet(16 * MB);
  const seen = new Set<string>();
  const all = Array.from({ length: 60_000 }, () =>
    digestOf(String(Math.floor(Math.random() * 40_000))),
  );
  // Digests with equal beginnings share a table and a first slot.
  const alike = Array.from({ length: 300 }, () => Buffer.concat([Buffer.alloc(8), randomBytes(8)]));
  const given = [...all, ...alike, ...alike];
  for (let from = 0; from < given.length; from += 777) {
    const batch = given.slice(from, from + 777);
    const expected = batch.map((digest) => {
      const text = Buffer.from(digest).toString("hex");
      const isNew = !seen.has(text);
      seen.add(text);
      return Number(isNew);
    });
    expect(Array.from(set.add(joinedDigests(batch)))).toEqual(expected);
  }
  expect(set.size).toBe(seen.size);
});

it("reads a small buffer, which is a view into Node's pool", () => {
  const set = new DigestSet(MB);
  const text = Buffer.from(joinedDigests([digestOf("a"), digestOf("b")])).toString("base64");
  expect(Array.from(set.add(Buffer.from(text, "base64")))).toEqual([1, 1]);
  expect(Array.from(set.add(joinedDigests([digestOf("b"), digestOf("c")])))).toEqual([0, 1]);
});

it("takes 20 to 26 bytes a digest, and refuses to take more than it may", () => {
  const set = new DigestSet(4 * MB);
  const counts: number[] = [];
  const fill = () => {
    for (;;) {
      set.add(new Uint8Array(randomBytes(1000 * DIGEST_BYTES)));
      counts.push(set.bytes / set.size);
    }
  };
  expect(fill).toThrow(DigestSetFull);
  expect(set.bytes).toBeLessThanOrEqual(4 * MB);
  expect(set.size).toBeGreaterThan(140_000);
  const settled = counts.slice(20);
  expect([Math.min(...settled), Math.max(...settled)]).toEqual([
    expect.closeTo(22.5, -1),
    expect.closeTo(22.5, -1),
  ]);
  expect(Math.max(...settled)).toBeLessThan(26);
});
