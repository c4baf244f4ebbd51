/**
 * Compiles the wasm, in whatever form it is given. Every failure is a
 * `load_failed` that says what was tried, where, and what to do if a runtime or
 * a page forbids compiling.
 */

import { described } from "./check/arguments.js";
import { HarmonyError } from "./errors.js";

/** The wasm: its URL, its bytes, or its module; or a promise of one of these. */
export type WasmSource =
  | WasmSourceNow
  | Promise<WasmSourceNow | { default: WasmSourceNow }>
  | { default: WasmSourceNow };
/** A wasm source that is not a promise. */
export type WasmSourceNow = URL | string | Response | WasmCode;
/** The wasm itself: its module, or its bytes. */
export type WasmCode = WasmModule | ArrayBufferLike | ArrayBufferView;
/** `WebAssembly.Module`, which Node's types alone do not declare. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: abstract new (...args: never[]) => infer Module };
}
  ? Module
  : object;

/** Reads a `file:` URL, which the runtime's `fetch` does not. */
export type FileReader = (file: URL) => Uint8Array;

type WasmBytes = ArrayBufferLike | ArrayBufferView;

const SHARED = "[object SharedArrayBuffer]";
const PLACES = "a URL, a Response, bytes or a module";

/** Refuses what cannot be a source; what a promise gives is checked when it is there. */
export function checkSource(name: string, source: unknown): void {
  const isKnown = source === undefined || typeof source === "string" || source instanceof URL;
  if (isKnown || isModule(source) || isBytes(source) || isResponse(source)) return;
  if (typeof source === "object" && source !== null && ("then" in source || "default" in source)) {
    return;
  }
  throw new TypeError(`"${name}" expected ${PLACES}, got ${described(source)}`);
}

/** Compiles a source in any form. */
export async function compile(source: WasmSource, readFile?: FileReader) {
  const wasm = fileRead(unwrapped(await source), readFile);
  if (isModule(wasm)) return wasm;
  if (isBytes(wasm)) return compileBytes(wasm);
  return compileResponse(isResponse(wasm) ? wasm : await fetched(wasm));
}

/** Compiles synchronously; undefined for a source that has to be fetched or awaited. */
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

/** A failure to load, with the runtime's message. */
export function loadFailed(reason: string, cause?: unknown): HarmonyError {
  const detail = cause instanceof Error ? `: ${brief(cause.message)}` : "";
  return new HarmonyError("load_failed", `could not load the encoding: ${reason}${detail}`, {
    cause,
  });
}

/** A URL may hold the wasm itself, two million characters, and engines repeat it. */
function brief(text: unknown): string {
  const whole = String(text);
  return whole.length > 500 ? `${whole.slice(0, 80)}… (${whole.length} characters)` : whole;
}

/** Lockdown Mode takes WebAssembly from a page, and `--jitless` from Node. */
export function checkRuntime(): void {
  if (typeof WebAssembly !== "object") {
    throw loadFailed(
      "there is no WebAssembly here: Safari's Lockdown Mode and node --jitless lack it",
    );
  }
  if (typeof String.prototype.isWellFormed === "function") return;
  throw loadFailed(
    "this runtime is too old: it needs Node 20.19, Chrome 111, Firefox 119, Safari 16.4 or later",
  );
}

/** Streaming requires the exact MIME type; with another one the body is read first. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const place = brief(response.url || "the wasm");
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

/** Servers of single-page apps answer with their page, and status 200, if a file is missing. */
function isPage(type: string | null, body: ArrayBuffer): boolean {
  return /^text\/html/i.test(type ?? "") && new Uint8Array(body)[0] !== 0;
}

function compileBytes(bytes: WasmBytes, place?: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(asBytes(bytes)).catch((cause) => {
    throw compileFailed(cause, place);
  });
}

function compileFailed(cause: unknown, place = "the wasm"): HarmonyError {
  const forbidden = prohibitionIn(cause);
  if (forbidden) return loadFailed(forbidden, cause);
  // An interrupted stream is not an error of the wasm.
  const whole = cause instanceof WebAssembly.CompileError;
  return loadFailed(`${place} ${whole ? "does not compile" : "cannot be read or compiled"}`, cause);
}

/** No API reports that compiling is forbidden, and each engine has its own message. */
function prohibitionIn(cause: unknown): string | undefined {
  const message = cause instanceof Error ? cause.message : "";
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(message)) {
    const advice = "allow 'wasm-unsafe-eval' in its script-src";
    return `the Content-Security-Policy forbids WebAssembly; ${advice}`;
  }
  if (/disallowed by embedder/i.test(message)) {
    const advice = "import the module from harmony-wasm/harmony.wasm and pass it";
    return `this runtime does not compile wasm from bytes; ${advice}`;
  }
  return undefined;
}

/** Whether the wasm arrived and could not be compiled, or compiling is forbidden. */
export function hasArrived(cause: unknown): boolean {
  return cause instanceof WebAssembly.CompileError || prohibitionIn(cause) !== undefined;
}

async function fetched(place: unknown): Promise<Response> {
  if (typeof place !== "string" && !(place instanceof URL)) {
    throw new TypeError(`"options.wasm" expected ${PLACES}, got ${described(place)}`);
  }
  try {
    return await fetch(place);
  } catch (cause) {
    throw loadFailed(`${brief(place)} could not be fetched${fetchAdvice(place)}`, cause);
  }
}

function fetchAdvice(place: string | URL): string {
  if (fileOf(place)) return " (fetch does not read file: URLs here; pass the bytes)";
  if (URL.canParse(place)) {
    // Browsers say only "Failed to fetch", in whichever of these cases.
    return "location" in globalThis
      ? " (no network, or CORS or the connect-src of a Content-Security-Policy forbids it)"
      : "";
  }
  return " (it is not a whole URL; for a file, pass pathToFileURL(path) or the bytes)";
}

/** The bytes of a `file:` URL that can be read; any other source unchanged. */
function fileRead(source: unknown, readFile: FileReader | undefined): unknown {
  const file = readFile && fileOf(source);
  if (!file) return source;
  try {
    return readFile(file);
  } catch (cause) {
    throw loadFailed(`${file} cannot be read`, cause);
  }
}

/** The URL of a file, or undefined. */
function fileOf(place: unknown): URL | undefined {
  const text = place instanceof URL ? place.href : place;
  return typeof text === "string" && /^file:/i.test(text) ? new URL(text) : undefined;
}

/** Some engines do not compile a DataView or shared memory; all compile a Uint8Array. */
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

/** Compares the tag: on some edge runtimes the module is from another realm. */
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
