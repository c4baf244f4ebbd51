/** Every form in which the wasm may be given, valid and invalid. */

import type { WasmSource } from "harmony-wasm";
import type { Case, Environment } from "./environment.ts";
import {
  expectSame,
  expectThat,
  expectToContain,
  expectToWork,
  failureOf,
  hostile,
} from "./expect.ts";

type Source = (environment: Environment) => unknown;
type Form = [what: string, source: (environment: Environment) => WasmSource, request?: string];

/** A valid wasm that is not ours. */
export const FOREIGN = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const STREAMED = { headers: { "content-type": "application/wasm" } };

const forms: Form[] = [
  ["a URL's text", ({ origin }) => `${origin}/harmony.wasm`, "/harmony.wasm"],
  ["a URL", ({ origin }) => new URL(`${origin}/harmony.wasm`), "/harmony.wasm"],
  ["a URL with another MIME type", ({ origin }) => `${origin}/text.wasm`, "/text.wasm"],
  ["a URL whose MIME type has a parameter", at("/parameter.wasm"), "/parameter.wasm"],
  ["a URL without MIME type", at("/untyped.wasm"), "/untyped.wasm"],
  ["a promise of a Response", ({ origin }) => fetch(`${origin}/harmony.wasm`), "/harmony.wasm"],
  ["a Response", ({ wasm }) => new Response(wasm)],
  ["a Response of wasm's MIME type", ({ wasm }) => new Response(wasm, STREAMED)],
  ["a Uint8Array", ({ wasm }) => wasm],
  ["a part of a buffer", ({ wasm }) => shifted(wasm)],
  [
    "a DataView",
    ({ wasm: { buffer, byteOffset, byteLength } }) => new DataView(buffer, byteOffset, byteLength),
  ],
  ["an ArrayBuffer", ({ wasm }) => wasm.slice().buffer],
  ["shared memory", ({ wasm }) => shared(wasm)],
  ["a promise of bytes", ({ wasm }) => Promise.resolve(wasm)],
  ["a module", ({ wasm }) => WebAssembly.compile(wasm)],
  ["a module's namespace", ({ wasm }) => ({ default: wasm })],
  [
    "a promise of a module's namespace",
    async ({ wasm }) => ({ default: await WebAssembly.compile(wasm) }),
  ],
  [
    "a promise of a URL's namespace",
    async ({ origin }) => ({ default: `${origin}/harmony.wasm` }),
    "/harmony.wasm",
  ],
];

function at(path: string) {
  return ({ origin }: Environment) => `${origin}${path}`;
}

/** The bytes somewhere in the middle of a buffer. */
function shifted(wasm: Uint8Array): Uint8Array {
  const room = new Uint8Array(wasm.length + 24);
  room.set(wasm, 8);
  return room.subarray(8, 8 + wasm.length);
}

/** A page has SharedArrayBuffer only where it is isolated, shared memory always. */
function shared(wasm: Uint8Array): Uint8Array {
  const pages = Math.ceil(wasm.length / 65_536);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const room = new Uint8Array(buffer, 0, wasm.length);
  room.set(wasm);
  return room;
}

/** Each form gives a working encoding; a URL is fetched once. */
export const formCases: Case[] = forms.map(([what, source, request]) => ({
  name: `the wasm may be ${what}`,
  async run(environment) {
    const { loadHarmonyEncoding } = await environment.freshCopy();
    await requests(environment);
    expectToWork(await loadHarmonyEncoding(undefined, { wasm: source(environment) }));
    expectSame("requests", await requests(environment), request ? [request] : []);
  },
}));

/** The requests that the server has received since the last call. */
async function requests({ origin }: Environment): Promise<string[]> {
  return (await fetch(`${origin}/requests`)).json();
}

const wanted = '"options.wasm" expected a URL, a Response, bytes or a module, got';
type Refusal = [what: string, source: Source, code: string | undefined, says: string];
const broken = "load_failed";

const refusals: Refusal[] = [
  ["a URL that is not found", at("/none"), broken, "/none answered with status 404"],
  ["a Response that is not ok", () => new Response("", { status: 503 }), broken, "status 503"],
  ["a page instead of wasm", at("/page.wasm"), broken, "is a page (of type text/html), not wasm"],
  ["a server that hangs up", at("/hung-up.wasm"), broken, "/hung-up.wasm could not be fetched"],
  ["a server that hangs up halfway", at("/half.wasm"), broken, "/half.wasm cannot be read"],
  ["a stream that breaks off", at("/half-streamed.wasm"), broken, "/half-streamed.wasm"],
  ["a Response that has been read", used, broken, "/harmony.wasm cannot be read"],
  ["no server", () => "http://127.0.0.1:1/x", broken, "http://127.0.0.1:1/x could not be fetched"],
  ["no URL", () => "http://", broken, "http:// could not be fetched (it is not a whole URL"],
  ["truncated wasm", ({ wasm }) => wasm.subarray(0, 100_000), broken, "does not compile"],
  ["a truncated stream", at("/truncated.wasm"), broken, "/truncated.wasm does not compile"],
  ["no wasm", () => Uint8Array.of(1, 2, 3), broken, "does not compile"],
  ["no bytes", () => new ArrayBuffer(0), broken, "does not compile"],
  ["foreign wasm", () => FOREIGN, broken, "cannot be instantiated"],
  ["a foreign stream", at("/foreign.wasm"), broken, "cannot be instantiated"],
  ["a foreign module", () => WebAssembly.compile(FOREIGN), broken, "cannot be instantiated"],
  ["a number", () => 7, undefined, `${wanted} 7`],
  ["a function", () => () => 7, undefined, `${wanted} a function`],
  ["an object", () => ({}), undefined, `${wanted} an object (Object)`],
  ["a namespace of null", () => ({ default: null }), undefined, `${wanted} null`],
  ["a promise of null", () => Promise.resolve(null), undefined, `${wanted} null`],
  ["a promise of undefined", () => Promise.resolve(), undefined, `${wanted} undefined`],
  ["a promise of a symbol", () => Promise.resolve(Symbol("s")), undefined, `${wanted} Symbol(s)`],
];

async function used({ origin }: Environment): Promise<Response> {
  const response = await fetch(`${origin}/harmony.wasm`);
  await response.arrayBuffer();
  return response;
}

/** Each failure has the right class, code and message, and the next load works. */
export const refusalCases: Case[] = refusals.map(([what, source, code, says]) => ({
  name: `${what} is refused, and forgotten`,
  async run(environment) {
    const { HarmonyError, loadHarmonyEncoding } = await environment.freshCopy();
    const wasm = hostile(source(environment));
    const failure = await failureOf(() => loadHarmonyEncoding(undefined, { wasm }));
    const right = failure instanceof (code ? HarmonyError : TypeError);
    expectThat(`${failure} is of the right class`, right);
    expectSame("code", Reflect.get(Object(failure), "code"), code);
    expectToContain(String(failure), says);
    expectToWork(await loadHarmonyEncoding());
  },
}));
