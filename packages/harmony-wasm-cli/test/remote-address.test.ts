/** The addresses of objects, and what messages show of them. */

import { describe, expect, it } from "vitest";
import { isAddress, locationOf, withKey, withoutSecrets } from "../src/remote/location.ts";

describe("locationOf", () => {
  it.each([
    ["s3://bucket/data/a b#c?d%.jsonl", "s3", "bucket", "data/a b#c?d%.jsonl"],
    ["s3://bucket", "s3", "bucket", ""],
    ["gs://bucket/", "gs", "bucket", ""],
    ["hf://datasets/user/name/data/x.parquet", "hf", "datasets/user/name", "data/x.parquet"],
    ["hf://datasets/user/name@v1.0/x", "hf", "datasets/user/name@v1.0", "x"],
    [
      "hf://datasets/user/name@refs/convert/parquet/x/y",
      "hf",
      "datasets/user/name@refs/convert/parquet",
      "x/y",
    ],
    ["hf://datasets/user/name@refs%2Fpr%2F1/x", "hf", "datasets/user/name@refs%2Fpr%2F1", "x"],
    ["hf://user/model/x", "hf", "user/model", "x"],
    ["hf://buckets/user/name/x", "hf", "buckets/user/name", "x"],
    ["https://host:8443/a%20b?q=1#f", "web", "https://host:8443", "/a%20b?q=1"],
    ["HTTP://user:word@host/a", "web", "http://user:word@host", "/a"],
  ])("reads %s", (address, store, container, key) => {
    expect(locationOf(address)).toMatchObject({ store, container, key });
  });

  it.each([
    ["s3://", "expected s3://<bucket>/<key>"],
    ["gs:///key", "expected gs://<bucket>/<key>"],
    ["hf://datasets/name", "expected hf://datasets/<user>/<name>/<path>"],
    ["az://container/key", "unknown scheme az://; expected s3://, gs://, hf:// or https://"],
    ["ftp://user:word@host/key?sig=1", "ftp://host/key: unknown scheme"],
    ["https://", "https:// is not a web address"],
  ])("refuses %s", (address, message) => {
    expect(() => locationOf(address)).toThrow(message);
  });

  it("names other keys of the same container", () => {
    for (const address of [
      "s3://bucket",
      "s3://bucket/",
      "s3://bucket/data/",
      "s3://bucket/x.jsonl",
    ]) {
      expect(withKey(locationOf(address), "a/b")).toMatchObject({
        key: "a/b",
        name: "s3://bucket/a/b",
      });
    }
  });

  it("takes paths for paths", () => {
    for (const path of ["data/x.jsonl", "/a/b", "C:\\rows", "a:b", "-"])
      expect(isAddress(path)).toBe(false);
    for (const path of ["s3://b/k", "HTTPS://h/p", "az://c/k"]) expect(isAddress(path)).toBe(true);
  });
});

describe("withoutSecrets", () => {
  it("removes what signs or identifies from the addresses in a message", () => {
    const message =
      "failed: https://user:word@host/a/b?X-Amz-Signature=abc&X=1 (http://host/c#token=1) and 'https://h?key=2'";
    expect(withoutSecrets(message)).toBe(
      "failed: https://host/a/b (http://host/c) and 'https://h'",
    );
  });
});
