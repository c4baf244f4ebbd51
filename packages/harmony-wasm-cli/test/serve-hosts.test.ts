/** The names that `harmony serve` answers to: a page must not reach it by a name of its own. */

import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { allowedHosts, hostCheck } from "../src/serve/allowed-hosts.ts";
import { engine, ids, serving } from "./serve-support.ts";
import { run } from "./support.ts";

const LOCAL = ["localhost", "LOCALHOST:8080", "localhost.", "app.localhost", "127.0.0.1:1"];
const ADDRESSES = ["0.0.0.0", "192.168.1.7:80", "[::1]:8080", "[fe80::1]", "127.1"];
const FOREIGN = ["evil.example", "evil.example:8080", "localhost.evil.example", "notlocalhost"];
const NO_NAME = ["", ":80", "a b", "localhost/x", "evil.example@localhost", "localhost?", "[::1"];

test("a server without keys answers to this machine's own names and addresses", () => {
  const isAllowed = hostCheck(undefined, "127.0.0.1", false);
  for (const host of [...LOCAL, ...ADDRESSES])
    expect([host, isAllowed(host)]).toEqual([host, true]);
  for (const host of [...FOREIGN, ...NO_NAME])
    expect([host, isAllowed(host)]).toEqual([host, false]);
  expect(hostCheck(undefined, "Box.lan", false)("box.lan:8080")).toBe(true);
  expect(hostCheck(undefined, "0.0.0.0", false)("evil.example")).toBe(false);
});

test("keys suffice, unless names are given too", () => {
  expect(hostCheck(undefined, "127.0.0.1", true)("any.example")).toBe(true);
  expect(hostCheck(["one.example"], "127.0.0.1", true)("any.example")).toBe(false);
  expect(hostCheck("*", "127.0.0.1", false)("any.example")).toBe(true);
});

test.each([
  ["app.example", ["app.example", "APP.example:1"], ["x.app.example", "pp.example"]],
  [".example.com", ["example.com", "a.b.example.com:1"], ["notexample.com", "example.com.evil"]],
  ["Bücher.example", ["xn--bcher-kva.example"], ["bucher.example"]],
  ["harmony", ["harmony:8080"], ["harmony.evil"]],
])("--allowed-host %s", (given, allowed, refused) => {
  const isAllowed = hostCheck(allowedHosts([given]), "127.0.0.1", false);
  expect(allowed.map(isAllowed)).not.toContain(false);
  expect(refused.map(isAllowed)).not.toContain(true);
});

test.each(["a:80", "https://a", "*.example.com", "", ".", "a/b", "a b"])(
  "--allowed-host %j is refused",
  async (given) => {
    const args = ["serve", "--backend", "http://127.0.0.1:1", "--allowed-host", given];
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr).toContain("--allowed-host expects a name such as app.example.com");
  },
);

/** The status and the body for a request with this `Host`. */
async function asked(url: string, path: string, host: string) {
  const { port, hostname } = new URL(url);
  const body = JSON.stringify({ input: "Hi" });
  const method = path === "/v1/responses" ? "POST" : "GET";
  const sent = request({ port, hostname, path, method, headers: { host } });
  sent.end(method === "POST" ? body : undefined);
  const [response]: [IncomingMessage] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  return { status: response.statusCode, text };
}

test("a page that has its name resolve to this machine samples nothing", async () => {
  let samplings = 0;
  const backend = await engine((sampling) => {
    samplings += 1;
    sampling.send(ids("<|channel|>final<|message|>Hi.<|return|>"), "stop");
  });
  const { url } = await serving(["--backend", backend, "--allowed-host", "harmony"]);
  for (const path of ["/v1/responses", "/v1/models", "/metrics"]) {
    const { status, text } = await asked(url, path, "evil.example:8080");
    expect(status).toBe(403);
    const message = expect.stringContaining('"evil.example:8080"');
    expect(JSON.parse(text)).toMatchObject({ error: { code: "host_not_allowed", message } });
  }
  expect(samplings).toBe(0);
  expect((await asked(url, "/health", "evil.example")).status).toBe(200);
  expect((await asked(url, "/v1/responses", "harmony:8080")).status).toBe(200);
  expect((await asked(url, "/v1/responses", "localhost:8080")).status).toBe(200);
  expect(samplings).toBe(2);
});
