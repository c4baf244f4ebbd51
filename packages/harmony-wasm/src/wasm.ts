/**
 * From whatever form the wasm is given in to a compiled module. Every failure
 * on the way is a `load_failed` that says what was tried, where, and what to
 * do where a runtime or a page forbids it.
 */

import { described } from "./check/arguments.js";
import { HarmonyError } from "./errors.js";

/** The wasm: where it is, its bytes, or its module; or a promise of one of these. */
export type WasmSource =
  | WasmSourceNow
  | Promise<WasmSourceNow | { default: WasmSourceNow }>
  | { default: WasmSourceNow };
/** A wasm source that is not a promise. */
export type WasmSourceNow = URL | string | Response | WasmCode;
/** The wasm itself: its module, or its bytes. */
export type WasmCode = WasmModule | ArrayBufferLike | ArrayBufferView;
/** `WebAssembly.Module`, of which the types of Node alone know nothing. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: abstract new (...args: never[]) => infer Module };
}
  ? Module
  : object;

/** Reads a `file:` URL, where the runtime's `fetch` does not. */
export type FileReader = (file: URL) => Uint8Array;

type WasmBytes = ArrayBufferLike | ArrayBufferView;

const SHARED = "[object SharedArrayBuffer]";
const PLACES = "a URL, a Response, bytes or a module";

/** Compiles a source in whatever form. */
export async function compile(source: WasmSource, readFile?: FileReader) {
  const wasm = fileRead(unwrapped(await source), readFile);
  if (isModule(wasm)) return wasm;
  if (isBytes(wasm)) return compileBytes(wasm);
  return compileResponse(isResponse(wasm) ? wasm : await fetched(wasm));
}

/** Compiles without a promise; undefined for what only a promise can bring. */
export function compileNow(source: unknown, readFile?: FileReader) {
  const wasm = fileRead(unwrapped(source), readFile);
  if (isModule(wasm)) return wasm;
  if (!isBytes(wasm)) return undefined;
  try {
    return new WebAssembly.Module(asBytes(wasm));
  } catch (cause) {
    throw compileFailed(cause);
  }
}

/** A failure of loading, with what the runtime said. */
export function loadFailed(reason: string, cause?: unknown): HarmonyError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new HarmonyError("load_failed", `could not load the encoding: ${reason}${detail}`, {
    cause,
  });
}

/** Streaming wants the exact MIME type; with another one the body is read first. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const place = response.url || "the wasm";
  if (!response.ok) throw loadFailed(`${place} answered with status ${response.status}`);
  const type = response.headers.get("content-type");
  if (type !== "application/wasm" || typeof WebAssembly.compileStreaming !== "function") {
    const body = await bodyOf(response, place);
    if (isPage(type, body)) throw loadFailed(`${place} is a page (of type ${type}), not wasm`);
    return compileBytes(body, `${place} (of type ${type})`);
  }
  return WebAssembly.compileStreaming(response).catch((cause) => {
    throw compileFailed(cause, place);
  });
}

async function bodyOf(response: Response, place: string): Promise<ArrayBuffer> {
  try {
    return await response.arrayBuffer();
  } catch (cause) {
    throw loadFailed(`${place} cannot be read`, cause);
  }
}

/** An app's server often answers with its page where a file is missing, and with status 200. */
function isPage(type: string | null, body: ArrayBuffer): boolean {
  return /^text\/html/i.test(type ?? "") && new Uint8Array(body)[0] !== 0;
}

function compileBytes(bytes: WasmBytes, place?: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(asBytes(bytes)).catch((cause) => {
    throw compileFailed(cause, place);
  });
}

function compileFailed(cause: unknown, place = "the wasm"): HarmonyError {
  const forbidden = whatForbids(cause);
  if (forbidden) return loadFailed(forbidden, cause);
  // A stream that breaks off is no error of the wasm.
  const whole = cause instanceof WebAssembly.CompileError;
  return loadFailed(`${place} ${whole ? "does not compile" : "cannot be read or compiled"}`, cause);
}

/** No API tells that compiling is forbidden, and each engine has its own words for it. */
function whatForbids(cause: unknown): string | undefined {
  const says = cause instanceof Error ? cause.message : "";
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(says)) {
    const advice = "allow 'wasm-unsafe-eval' in its script-src";
    return `the Content-Security-Policy forbids WebAssembly; ${advice}`;
  }
  if (/disallowed by embedder/i.test(says)) {
    const advice = "pass the module that it imports from harmony-wasm/harmony.wasm";
    return `this runtime compiles no wasm from bytes; ${advice}`;
  }
  return undefined;
}

/** Whether the wasm arrived, and was refused for what it is or because none is allowed. */
export function hasArrived(cause: unknown): boolean {
  return cause instanceof WebAssembly.CompileError || whatForbids(cause) !== undefined;
}

async function fetched(place: unknown): Promise<Response> {
  if (typeof place !== "string" && !(place instanceof URL)) {
    throw new TypeError(`"options.wasm" expected ${PLACES}, got ${described(place)}`);
  }
  try {
    return await fetch(place);
  } catch (cause) {
    const advice = fileOf(place) ? " (here fetch reads no file: URL; pass the bytes)" : "";
    throw loadFailed(`${place} could not be fetched${advice}`, cause);
  }
}

/** The bytes of a file that can be read; anything else as it is. */
function fileRead(source: unknown, readFile: FileReader | undefined): unknown {
  const file = readFile && fileOf(source);
  if (!file) return source;
  try {
    return readFile(file);
  } catch (cause) {
    throw loadFailed(`${file} cannot be read`, cause);
  }
}

/** The `file:` URL that a place is, if it is one. */
function fileOf(place: unknown): URL | undefined {
  const text = place instanceof URL ? place.href : place;
  return typeof text === "string" && /^file:/i.test(text) ? new URL(text) : undefined;
}

/** Neither a DataView nor shared memory is wasm to every engine; a Uint8Array is. */
function asBytes(bytes: WasmBytes): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes)
    ? bytes
    : { buffer: bytes, byteOffset: 0, byteLength: bytes.byteLength };
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

function unwrapped(value: unknown): unknown {
  return typeof value === "object" && value !== null && "default" in value ? value.default : value;
}

/** By its tag: on some edge runtimes the module is of another realm. */
function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === "[object Response]";
}

function isBytes(value: unknown): value is WasmBytes {
  const tag = Object.prototype.toString.call(value);
  return ArrayBuffer.isView(value) || tag === "[object ArrayBuffer]" || tag === SHARED;
}
