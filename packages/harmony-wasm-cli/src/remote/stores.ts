/** Opens the store of an address, once. */

import { UsageError } from "../exit.ts";
import { openGcs } from "./gcs.ts";
import { openHub } from "./hub.ts";
import type { Location, StoreKind } from "./location.ts";
import type { ObjectStore, WritableStore } from "./object-store.ts";
import { openS3 } from "./s3.ts";
import { WEB } from "./web.ts";

type WritableKind = Exclude<StoreKind, "web">;
const OPENERS = { s3: openS3, gs: openGcs, hf: openHub } as const;
const opened = new Map<StoreKind, Promise<WritableStore>>();

/** The store that holds a location. */
export async function storeOf({ store }: Location): Promise<ObjectStore> {
  return store === "web" ? WEB : writable(store);
}

/** The store to write a location to. */
export async function writableStoreOf(location: Location): Promise<WritableStore> {
  return writable(requireWritable(location));
}

/** The store of an output, which a flag names; refuses web servers, which are read only. */
export function requireWritable({ store, name }: Location, flag = "--output"): WritableKind {
  if (store !== "web") return store;
  throw new UsageError(
    `${flag} ${name}: web servers are read only; expected s3://, gs://, hf:// or a path`,
  );
}

function writable(kind: WritableKind): Promise<WritableStore> {
  const store = opened.get(kind) ?? OPENERS[kind]();
  opened.set(kind, store);
  return store;
}
