/**
 * Hugging Face's hub, through its own library. A file's version is the hash of
 * its content, so a resumed run finds its input even if the branch has moved.
 */

import { openAsBlob, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type * as Client from "@huggingface/hub";
import { type Location, withKey } from "./location.ts";
import {
  answered,
  connectionFailure,
  kindOfStatus,
  type LocalFile,
  type StoredObject,
  StoreFailure,
  streamed,
  type WritableStore,
} from "./object-store.ts";
import { loadPackage } from "./optional-package.ts";

/** Opens the hub with the token of the environment, or without one. */
export async function openHub(): Promise<WritableStore> {
  const hub = await loadPackage("hf", ["@huggingface/hub"], () => import("@huggingface/hub"));
  const { HF_ENDPOINT } = process.env;
  const accessToken = tokenOf(process.env);
  return new HubStore(hub, {
    ...(accessToken && { accessToken }),
    ...(HF_ENDPOINT && { hubUrl: HF_ENDPOINT.replace(/\/$/, "") }),
  });
}

/** The token of HF_TOKEN, or of the file that `hf auth login` writes. */
function tokenOf({ HF_TOKEN, HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME }: NodeJS.ProcessEnv) {
  if (HF_TOKEN) return HF_TOKEN.trim();
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  try {
    return readFileSync(HF_TOKEN_PATH ?? join(home, "token"), "utf8").trim();
  } catch {
    return undefined;
  }
}

interface Access {
  accessToken?: string;
  hubUrl?: string;
}

class HubStore implements WritableStore {
  readonly #hub: typeof Client;
  readonly #access: Access;

  constructor(hub: typeof Client, access: Access) {
    this.#hub = hub;
    this.#access = access;
  }

  async find(location: Location): Promise<StoredObject | undefined> {
    const paths = [location.key];
    const request = this.#hub.pathsInfo({ ...this.#access, ...repositoryOf(location), paths });
    const [entry] = await this.#answered(request);
    return entry?.type === "file" ? objectOf(location, entry) : undefined;
  }

  async *list(location: Location): AsyncGenerator<StoredObject> {
    const { repo, revision } = repositoryOf(location);
    const folder = location.key.slice(0, Math.max(location.key.lastIndexOf("/"), 0));
    const entries = this.#hub.listFiles({
      ...this.#access,
      repo,
      // The library puts both into its address as they are.
      revision: encodeURIComponent(revision),
      path: encodedPath(folder),
      recursive: true,
    });
    try {
      for await (const entry of entries) {
        const { type, path } = entry;
        if (type === "file" && path.startsWith(location.key)) {
          yield objectOf(withKey(location, path), entry);
        }
      }
    } catch (error) {
      const failure = this.#failure(error);
      if (!(failure instanceof StoreFailure) || failure.kind !== "missing") throw failure;
      // The folder, or the repository.
      if (!(await this.#answered(this.#hub.repoExists({ ...this.#access, repo, revision }))))
        throw failure;
    }
  }

  async open({ location, version }: StoredObject, start: number, end?: number) {
    const file = {
      ...this.#access,
      ...repositoryOf(location),
      path: encodedPath(location.key),
    };
    const downloadInfo = await this.#answered(this.#hub.fileDownloadInfo(file));
    if (!downloadInfo) throw new StoreFailure("missing", "the file does not exist");
    const { etag, xet } = downloadInfo;
    if (version !== undefined && version !== bareTag(etag) && version !== xet?.hash) {
      throw new StoreFailure("changed", "the file has other content now");
    }
    const blob = await this.#answered(this.#hub.downloadFile({ ...file, downloadInfo }));
    if (!blob) throw new StoreFailure("missing", "the file does not exist");
    const body = Readable.from(blob.slice(start, end).stream() as AsyncIterable<Uint8Array>);
    return streamed(body, (error) => this.#failure(error));
  }

  /** One commit per file: a commit becomes visible as a whole. */
  async put(location: Location, { path }: LocalFile): Promise<void> {
    const { repo, revision: branch } = repositoryOf(location);
    const file = { path: location.key, content: await openAsBlob(path) };
    const commitTitle = `Upload ${location.key} with harmony`;
    const request = this.#hub.uploadFile({ ...this.#access, repo, branch, file, commitTitle });
    await this.#answered(request);
  }

  async remove(location: Location): Promise<void> {
    if (!(await this.find(location))) return;
    const { repo, revision: branch } = repositoryOf(location);
    const commitTitle = `Delete ${location.key} with harmony`;
    const path = location.key;
    const request = this.#hub.deleteFile({ ...this.#access, repo, branch, path, commitTitle });
    await this.#answered(request);
  }

  #answered<T>(request: Promise<T>): Promise<T> {
    return answered(request, (error) => this.#failure(error));
  }

  #failure(error: unknown): unknown {
    if (!(error instanceof this.#hub.HubApiError)) return connectionFailure(error);
    return new StoreFailure(kindOfStatus(error.statusCode), error.message);
  }
}

function repositoryOf({ container }: Location): { repo: string; revision: string } {
  const at = container.indexOf("@");
  if (at === -1) return { repo: container, revision: "main" };
  return { repo: container.slice(0, at), revision: decodeURIComponent(container.slice(at + 1)) };
}

/** The library puts paths into addresses as they are. */
function encodedPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function objectOf(location: Location, entry: Client.ListFileEntry | Client.PathInfo): StoredObject {
  const { size, oid, lfs, xetHash } = entry;
  const sha256 = lfs?.oid;
  return {
    location,
    bytes: lfs?.size ?? size,
    version: sha256 ?? oid ?? xetHash,
    ...(sha256 !== undefined && { sha256 }),
  };
}

function bareTag(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
