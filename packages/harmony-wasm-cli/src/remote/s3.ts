/**
 * Amazon S3 and what speaks its protocol, through AWS's own SDK: credentials,
 * regions and endpoints come from the variables and files that its tools read.
 */

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type * as Client from "@aws-sdk/client-s3";
import type * as Storage from "@aws-sdk/lib-storage";
import { type Location, withKey } from "./location.ts";
import {
  answered,
  connectionFailure,
  kindOfStatus,
  type LocalFile,
  type Replaces,
  type StoredObject,
  StoreFailure,
  streamed,
  type WritableStore,
} from "./object-store.ts";
import { loadPackage } from "./optional-package.ts";

/** S3 takes at most 10,000 parts; each is held in memory, four at once. */
const MOST_PARTS = 9000;
const PART_BYTES = 16 * 1024 * 1024;
/** The region of requests that name none; S3 redirects those for other regions. */
const ANY_REGION = "us-east-1";

/** The SDK asks for credentials even where nothing is signed. */
const UNSIGNED: Client.S3ClientConfig = {
  credentials: { accessKeyId: "", secretAccessKey: "" },
  signer: { sign: async (request) => request },
};

type Sdk = typeof Client & Pick<typeof Storage, "Upload">;

/** Opens S3 with the credentials of the environment. */
export async function openS3(): Promise<WritableStore> {
  const sdk = await loadPackage("s3", ["@aws-sdk/client-s3", "@aws-sdk/lib-storage"], loadSdk);
  return new S3Store(sdk, new sdk.S3Client(await configuration(sdk)));
}

async function loadSdk(): Promise<Sdk> {
  const [client, { Upload }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("@aws-sdk/lib-storage"),
  ]);
  return { ...client, Upload };
}

/** Without credentials, requests are unsigned, as public buckets accept them. */
async function configuration(sdk: Sdk): Promise<Client.S3ClientConfig> {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const { config } = new sdk.S3Client({ region: ANY_REGION });
  const credentials = await config.credentials().catch(() => undefined);
  return {
    region: await regionOf(sdk),
    followRegionRedirects: true,
    // Other servers rarely have a host name per bucket.
    forcePathStyle: Boolean(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL),
    ...(!credentials && UNSIGNED),
  };
}

/** The SDK reads AWS_REGION and profiles, but not AWS_DEFAULT_REGION, as other tools do. */
async function regionOf(sdk: Sdk): Promise<string> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (!AWS_REGION && AWS_DEFAULT_REGION) return AWS_DEFAULT_REGION;
  return new sdk.S3Client({}).config.region().catch(() => ANY_REGION);
}

class S3Store implements WritableStore {
  readonly #sdk: Sdk;
  readonly #client: Client.S3Client;

  constructor(sdk: Sdk, client: Client.S3Client) {
    this.#sdk = sdk;
    this.#client = client;
  }

  async find(location: Location): Promise<StoredObject | undefined> {
    const command = new this.#sdk.HeadObjectCommand(placeOf(location));
    try {
      const head = await this.#answered(this.#client.send(command));
      return objectOf(location, head.ContentLength, head.ETag, head.Metadata?.sha256);
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.kind !== "missing") throw error;
      await this.#requireBucket(location);
      return undefined;
    }
  }

  async *list(location: Location): AsyncGenerator<StoredObject> {
    const input = { Bucket: location.container, Prefix: location.key };
    let token: string | undefined;
    do {
      const page = new this.#sdk.ListObjectsV2Command({ ...input, ContinuationToken: token });
      const { Contents = [], NextContinuationToken } = await this.#answered(
        this.#client.send(page),
      );
      for (const { Key = "", Size, ETag } of Contents) {
        yield objectOf(withKey(location, Key), Size, ETag);
      }
      token = NextContinuationToken;
    } while (token);
  }

  async open({ location, version }: StoredObject, start: number, end?: number) {
    const command = new this.#sdk.GetObjectCommand({
      ...placeOf(location),
      Range: `bytes=${start}-${end === undefined ? "" : end - 1}`,
      IfMatch: version,
    });
    const { Body } = await this.#answered(this.#client.send(command));
    return streamed(Body as Readable, (error) => this.#failure(error));
  }

  async put(location: Location, file: LocalFile, { version }: Replaces): Promise<void> {
    const condition = version === undefined ? { IfNoneMatch: "*" } : { IfMatch: version };
    try {
      await this.#upload(location, file, condition);
    } catch (error) {
      // Some servers know no conditions.
      if (!(error instanceof StoreFailure) || error.code !== "NotImplemented") throw error;
      await this.#upload(location, file, {});
    }
  }

  async remove(location: Location): Promise<void> {
    const command = new this.#sdk.DeleteObjectCommand(placeOf(location));
    await this.#answered(this.#client.send(command));
  }

  async #upload(location: Location, { path, bytes, sha256 }: LocalFile, condition: object) {
    const upload = new this.#sdk.Upload({
      client: this.#client,
      partSize: Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS)),
      params: {
        ...placeOf(location),
        ...condition,
        Body: createReadStream(path),
        Metadata: { sha256 },
      },
    });
    await this.#answered(upload.done());
  }

  /** An answer to HEAD is the same for a missing bucket and a missing object. */
  async #requireBucket({ container: Bucket }: Location): Promise<void> {
    const command = new this.#sdk.HeadBucketCommand({ Bucket });
    await this.#answered(this.#client.send(command)).catch((error: unknown) => {
      if (!(error instanceof StoreFailure) || error.kind !== "missing") return;
      throw new StoreFailure("missing", `the bucket ${Bucket} does not exist`);
    });
  }

  #answered<T>(request: Promise<T>): Promise<T> {
    return answered(request, (error) => this.#failure(error));
  }

  #failure(error: unknown): unknown {
    if (error instanceof this.#sdk.S3ServiceException) {
      const { name, message, $metadata } = error;
      const text = message === "UnknownError" ? "" : `: ${message}`;
      const status = $metadata.httpStatusCode;
      return new StoreFailure(kindOfStatus(status), `${name} (HTTP ${status})${text}`, name);
    }
    return connectionFailure(error);
  }
}

function placeOf({ container, key }: Location): { Bucket: string; Key: string } {
  return { Bucket: container, Key: key };
}

function objectOf(
  location: Location,
  bytes: number | undefined,
  version: string | undefined,
  sha256?: string,
): StoredObject {
  return { location, bytes, version, ...(sha256 !== undefined && { sha256 }) };
}
