/**
 * Who sends a request. This module promises that comparing a key takes the same
 * time whichever key it is, and that keys are kept as hashes only.
 */

import type { OptionCheck } from "../check/options.js";
import { HttpError } from "./failure.js";

/** Gives who a request is from, or refuses it. */
export type Authorize = (request: Request) => Promise<string>;

/** Keys of which none is empty. Anything else in their place would be a server that is open to all. */
export const checkKeys: OptionCheck = (name, value) => {
  const areKeys =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((key) => typeof key === "string" && key);
  if (areKeys) return;
  throw new TypeError(
    `"${name}" expected an array of keys that are not empty; leave it out to need no key`,
  );
};

/** With keys, a request needs one of them, as `Authorization: Bearer`. Without, everybody is one client. */
export function authorizer(apiKeys: readonly string[] | undefined): Authorize {
  if (apiKeys === undefined) return async () => "";
  checkKeys("options.apiKeys", apiKeys);
  let hashes: Promise<string[]> | undefined;
  return async (request) => {
    hashes ??= Promise.all(apiKeys.map(sha256));
    const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const hash = await sha256(given ?? "");
    const isKnown = (await hashes).reduce((found, each) => sameHash(each, hash) || found, false);
    if (given !== undefined && isKnown) return hash.slice(0, 32);
    throw new HttpError(
      401,
      "invalid_request_error",
      "invalid_api_key",
      given === undefined
        ? "expected an API key in the header Authorization: Bearer KEY"
        : "the API key is not known",
      { headers: { "www-authenticate": "Bearer" } },
    );
  };
}

/** Looks at every digit, so that the time says nothing of where they differ. */
function sameHash(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
