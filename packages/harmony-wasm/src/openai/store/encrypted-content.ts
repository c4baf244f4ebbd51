/**
 * Thoughts and sampled ids inside `reasoning.encrypted_content`, for clients that
 * keep their conversation themselves. The text comes back untrusted, so this
 * module promises that it opens only what was sealed with its key for the same
 * owner, and that nobody else can read it. Whether the ids read as the turn of
 * the request is checked by whoever uses them.
 */

import { described, isBytes } from "../../check/arguments.js";
import type { OptionCheck } from "../check/options.js";

/** The sealed content. */
export interface SealedTurn {
  /** The text of one thought. */
  thought: string;
  /** The ids of the whole turn, where they are known. */
  tokens?: Uint32Array;
}

/** Writes and reads `encrypted_content`. */
export interface EncryptedContent {
  /** The text for a client. */
  seal(owner: string, turn: SealedTurn): Promise<string>;
  /** What the text holds, or undefined: of another key, another owner, or changed. */
  open(owner: string, text: string): Promise<SealedTurn | undefined>;
}

/** The layout; another one gets another number. */
const VERSION = "h1";

/** A thought and the ids of gpt-oss's whole context take less. */
const MAX_TEXT = 4_000_000;
const MIN_KEY = 32;
const NONCE = 12;
const AES = "AES-GCM";

/** A key of {@link encryptedContent}. */
export const checkEncryptionKey: OptionCheck = (name, value) => {
  if (typeof value !== "string" && !isBytes(value)) {
    throw new TypeError(`"${name}" expected a string or a Uint8Array, got ${described(value)}`);
  }
  const { length }: ArrayLike<number> =
    typeof value === "string" ? new TextEncoder().encode(value) : Object(value);
  if (length >= MIN_KEY) return;
  throw new RangeError(`"${name}" expected ${MIN_KEY} bytes or more, got ${length}`);
};

/**
 * A codec whose texts only holders of the key can make, change or read. The key
 * has 32 bytes or more; without one it is random, and the texts are of no use to
 * another process.
 */
export function encryptedContent(secret?: string | Uint8Array): EncryptedContent {
  if (secret !== undefined) checkEncryptionKey("options.encryptionKey", secret);
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  let imported: Promise<CryptoKey> | undefined;
  const key = () => {
    imported ??= keyOf(bytes ?? crypto.getRandomValues(new Uint8Array(MIN_KEY)));
    return imported;
  };
  return {
    seal: async (owner, turn) => {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
      const sealed = await crypto.subtle.encrypt(
        algorithm(owner, nonce),
        await key(),
        packed(turn),
      );
      return `${VERSION}.${base64url(nonce)}${base64url(new Uint8Array(sealed))}`;
    },
    open: async (owner, text) => {
      const parts = partsOf(text);
      if (parts === undefined) return undefined;
      try {
        const opened = await crypto.subtle.decrypt(
          algorithm(owner, parts.nonce),
          await key(),
          parts.sealed,
        );
        return unpacked(new Uint8Array(opened));
      } catch {
        // WebCrypto does not say what is wrong, and neither should we.
        return undefined;
      }
    },
  };
}

async function keyOf(secret: Uint8Array): Promise<CryptoKey> {
  const hash = await crypto.subtle.digest("SHA-256", Uint8Array.from(secret));
  return crypto.subtle.importKey("raw", hash, AES, false, ["encrypt", "decrypt"]);
}

/** The owner is authenticated too, so that a stolen text is of no use to another. */
function algorithm(owner: string, nonce: Uint8Array<ArrayBuffer>) {
  return {
    name: AES,
    iv: nonce,
    additionalData: new TextEncoder().encode(`${VERSION}.${owner}`),
  };
}

/** The number of ids, the ids, and the thought as UTF-8. */
function packed({ thought, tokens = new Uint32Array() }: SealedTurn): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(thought);
  const bytes = new Uint8Array(4 + tokens.length * 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, tokens.length, true);
  tokens.forEach((token, index) => {
    view.setUint32(4 + index * 4, token, true);
  });
  bytes.set(text, 4 + tokens.length * 4);
  return bytes;
}

function unpacked(bytes: Uint8Array<ArrayBuffer>): SealedTurn {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0, true);
  const tokens = Uint32Array.from({ length: count }, (_, index) =>
    view.getUint32(4 + index * 4, true),
  );
  const thought = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(4 + count * 4));
  return count === 0 ? { thought } : { thought, tokens };
}

function partsOf(text: string) {
  const start = VERSION.length + 1;
  const end = start + (NONCE / 3) * 4;
  if (text.length > MAX_TEXT || !text.startsWith(`${VERSION}.`)) return undefined;
  const nonce = bytesOf(text.slice(start, end));
  const sealed = bytesOf(text.slice(end));
  return nonce?.length === NONCE && sealed ? { nonce, sealed } : undefined;
}

/** For URLs: some JSON writers escape the other alphabet's `+` and `/`. In pieces: arguments are limited. */
function base64url(bytes: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Only what `base64url` writes: `atob` also accepts spaces and stray bits. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return base64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
