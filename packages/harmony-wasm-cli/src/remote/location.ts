/**
 * The addresses of objects: s3://, gs://, hf:// and https://. The query of a web
 * address, where presigned URLs have their signature, is kept for requests alone:
 * no message and no record contains it.
 */

import { UsageError } from "../exit.ts";

/** The stores by their schemes; http is for servers of one's own network. */
const SCHEMES = { s3: "s3", gs: "gs", hf: "hf", https: "web", http: "web" } as const;
/** A kind of store. */
export type StoreKind = (typeof SCHEMES)[keyof typeof SCHEMES];

/** The address of an object, or of all objects whose names begin with `key`. */
export interface Location {
  store: StoreKind;
  /** The bucket, the repository with its revision, or the origin of a web server. */
  container: string;
  /** The object's name in it, as it is in the store; the path and query of a web address. */
  key: string;
  /** The address in messages and records. */
  name: string;
}

/** Whether a path is an address. Names with a colon alone, as C:\rows, are files. */
export function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

/** Reads an address. */
export function locationOf(address: string): Location {
  const [, scheme = "", rest = ""] = /^([^:]+):\/\/(.*)$/s.exec(address) ?? [];
  const store = storeOf(scheme.toLowerCase());
  if (store === undefined) {
    throw new UsageError(
      `${withoutQuery(address)}: unknown scheme ${scheme}://; expected s3://, gs://, hf:// or https://`,
    );
  }
  if (store === "web") return webLocation(address);
  const { container, key } = store === "hf" ? inRepository(rest) : inBucket(rest);
  if (container === "") {
    const form =
      store === "hf" ? "hf://datasets/<user>/<name>/<path>" : `${scheme}://<bucket>/<key>`;
    throw new UsageError(`${address}: expected ${form}`);
  }
  return { store, container, key, name: `${scheme}://${container}/${key}` };
}

function storeOf(scheme: string): StoreKind | undefined {
  return Object.entries(SCHEMES).find(([name]) => name === scheme)?.[1];
}

/** Another object of the same container. */
export function withKey(location: Location, key: string): Location {
  return {
    ...location,
    key,
    name: location.name.slice(0, -location.key.length || undefined) + key,
  };
}

function inBucket(rest: string): { container: string; key: string } {
  const slash = `${rest}/`.indexOf("/");
  return { container: rest.slice(0, slash), key: rest.slice(slash + 1) };
}

/** `datasets/user/name@revision/path`; a model has no first part, as in Hugging Face's own addresses. */
const REPOSITORY =
  /^((?:(?:datasets|spaces|buckets)\/|(?!(?:datasets|spaces|buckets)\/))[^/@]+\/[^/@]+(?:@(?:refs\/(?:convert|pr)\/[^/]+|[^/]+))?)(?:\/(.*))?$/s;

function inRepository(rest: string): { container: string; key: string } {
  const [, container = "", key = ""] = REPOSITORY.exec(rest) ?? [];
  return { container, key };
}

function webLocation(address: string): Location {
  if (!URL.canParse(address)) throw new UsageError(`${withoutQuery(address)} is not a web address`);
  const url = new URL(address);
  url.hash = "";
  const key = `${url.pathname}${url.search}`;
  const container = url.href.slice(0, url.href.length - key.length);
  return { store: "web", container, key, name: withoutQuery(address) };
}

/** A web address without its secrets: query, fragment, user and password. */
export function withoutQuery(address: string): string {
  return address.replace(/^([^:]+:\/\/)(?:[^/?#@]*@)?([^?#]*).*$/s, "$1$2");
}

/** A message of a library or a server, with the secrets in its web addresses removed. */
export function withoutSecrets(message: string): string {
  return message.replace(/https?:\/\/[^\s"'<>()]+/g, withoutQuery);
}
