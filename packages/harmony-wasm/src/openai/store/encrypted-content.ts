/**
 * Sampled ids inside `reasoning.encrypted_content`, for clients that keep their
 * conversation themselves. The text is signed, not secret: the client has seen
 * the same completion as text. It comes back untrusted, so this module promises
 * that it opens only what has its version, its size and its signature, and gives
 * ids in range and nothing else. Whether they read as the turn of the request is
 * checked by whoever uses them.
 */

import type { HarmonyEncoding } from "../../index.js";

/** Writes and reads `encrypted_content`. */
export interface EncryptedContent {
  /** The text of a completion. */
  seal(owner: string, completion: Uint32Array): Promise<string>;
  /** The completion of a text, or undefined: of another server, another owner, or changed. */
  open(owner: string, text: string): Promise<Uint32Array | undefined>;
}

/** The layout; another one gets another number. */
const VERSION = "h1";

/** Ids of a completion; more than gpt-oss's whole context is not one. */
const MAX_TOKENS = 131_072;

/** Four bytes an id in base64. */
const MAX_TEXT = Math.ceil((MAX_TOKENS * 4) / 3) * 4;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** A codec whose texts only holders of the key can make. The key has 32 bytes or more. */
export async function encryptedContent(
  key: Uint8Array<ArrayBuffer>,
  encoding: Pick<HarmonyEncoding, "specialTokens">,
): Promise<EncryptedContent> {
  if (key.length < 32) {
    throw new RangeError(`"signingKey" expected 32 bytes or more, got ${key.length}`);
  }
  const maxToken = Math.max(...encoding.specialTokens.values());
  const imported = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign", "verify"]);
  return {
    async seal(owner, completion) {
      const ids = base64(littleEndian(completion));
      const signature = await crypto.subtle.sign(HMAC, imported, signed(owner, ids));
      return `${VERSION}.${ids}.${base64(new Uint8Array(signature))}`;
    },
    async open(owner, text) {
      if (text.length > MAX_TEXT + 100) return undefined;
      const [version, ids, signature, more] = text.split(".");
      if (version !== VERSION || ids === undefined || signature === undefined) return undefined;
      const bytes = bytesOf(ids);
      const mac = bytesOf(signature);
      if (more !== undefined || bytes === undefined || mac === undefined) return undefined;
      if (!(await crypto.subtle.verify(HMAC, imported, mac, signed(owner, ids)))) return undefined;
      return tokensOf(bytes, maxToken);
    },
  };
}

/** What the signature is of: the owner too, so that a stolen text is of no use to another. */
function signed(owner: string, ids: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${VERSION}.${owner}.${ids}`);
}

function littleEndian(tokens: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(tokens.length * 4));
  tokens.forEach((token, index) => {
    view.setUint32(index * 4, token, true);
  });
  return new Uint8Array(view.buffer);
}

function tokensOf(bytes: Uint8Array<ArrayBuffer>, maxToken: number): Uint32Array | undefined {
  if (bytes.length % 4 !== 0 || bytes.length > MAX_TOKENS * 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tokens = Uint32Array.from({ length: bytes.length / 4 }, (_, index) =>
    view.getUint32(index * 4, true),
  );
  return tokens.every((token) => token <= maxToken) ? tokens : undefined;
}

/** In pieces: the arguments of a call are limited. */
function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  }
  return btoa(binary);
}

/** Only what `base64` writes: `atob` also accepts spaces, no padding and stray bits. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
