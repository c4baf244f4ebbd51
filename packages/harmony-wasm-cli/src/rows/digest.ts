/** Digests of token ids: equal ids have equal digests, whatever else their rows have. */

import { hash } from "node:crypto";

/** The bytes of a digest: the first half of a SHA-256, so that no data can provoke a collision. */
export const DIGEST_BYTES = 16;

/** The digest of a row's ids. */
export function idsDigest({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return digestOf(new Uint8Array(buffer, byteOffset, byteLength));
}

/** The digest of bytes or of a text. */
export function digestOf(content: Uint8Array | string): Uint8Array {
  return hash("sha256", content, "buffer").subarray(0, DIGEST_BYTES);
}

/** Digests end to end. */
export function joinedDigests(digests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(digests.length * DIGEST_BYTES);
  for (const [index, digest] of digests.entries()) joined.set(digest, index * DIGEST_BYTES);
  return joined;
}
