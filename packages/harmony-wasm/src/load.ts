/**
 * Loading, once per process or page. A load that is under way is shared, a
 * load that failed is forgotten, an instance that trapped is replaced. Where
 * the wasm comes from is each entry's business; this module takes what it is
 * given and makes a module of it.
 */

import { checkedOptions, checkedText, described } from "./arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import { HarmonyError } from "./errors.js";
import { Native } from "./native.js";
import { HarmonyEncodingName } from "./types.js";

/** The wasm: where it is, its bytes, or its module; or a promise of one of these. */
export type WasmSource =
  | WasmSourceNow
  | Promise<WasmSourceNow | { default: WasmSourceNow }>
  | { default: WasmSourceNow };
/** A wasm source that is not a promise. */
export type WasmSourceNow = URL | string | Response | BufferSource | WebAssembly.Module;

/** Options of `loadHarmonyEncoding`. */
export interface LoadOptions {
  /**
   * The wasm to use instead of the package's own; without effect when the
   * encoding is loaded already. A URL is fetched, and Node's `fetch` reads no
   * `file:` URL: pass the bytes there.
   */
  wasm?: WasmSource;
}

/** How an entry gets the package's own wasm. */
export interface OwnWasm {
  source: () => WasmSource;
  bytes: () => BufferSource;
}

/** The two loaders of one entry, over one memo. */
export function createLoaders(own: OwnWasm) {
  let loaded: HarmonyEncoding | undefined;
  let loading: Promise<HarmonyEncoding> | undefined;

  const usable = () => (loaded && !HarmonyEncoding.nativeOf(loaded).isLost ? loaded : undefined);
  const finish = (module: WebAssembly.Module, name: string) => {
    loaded = usable() ?? instantiated(module, name);
    return loaded;
  };

  async function loadHarmonyEncoding(
    name: HarmonyEncodingName = HarmonyEncodingName.HARMONY_GPT_OSS,
    options?: LoadOptions,
  ): Promise<HarmonyEncoding> {
    const checked = checkedName(name);
    const { wasm } = checkedOptions("options", options, ["wasm"]);
    const ready = usable();
    if (ready) return ready;
    loading ??= compile(wasm === undefined ? ownSource(own) : wasm)
      .then((module) => finish(module, checked))
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  function loadHarmonyEncodingSync(
    name: HarmonyEncodingName = HarmonyEncodingName.HARMONY_GPT_OSS,
  ): HarmonyEncoding {
    const checked = checkedName(name);
    return usable() ?? finish(compileSync(own), checked);
  }

  return { loadHarmonyEncoding, loadHarmonyEncodingSync };
}

/** The name is checked before the wasm is there, so the message is upstream's by hand. */
function checkedName(name: unknown): string {
  const text = checkedText("name", name);
  const known: string[] = Object.values(HarmonyEncodingName);
  if (known.includes(text)) return text;
  throw new HarmonyError("unknown_encoding", `Invalid HarmonyEncodingName: ${text}`);
}

function compileSync(own: OwnWasm): WebAssembly.Module {
  try {
    return new WebAssembly.Module(own.bytes());
  } catch (cause) {
    throw loadFailed("the wasm cannot be read or compiled", cause);
  }
}

function instantiated(module: WebAssembly.Module, name: string): HarmonyEncoding {
  try {
    return HarmonyEncoding.on(new Native(module, name));
  } catch (cause) {
    throw loadFailed("the wasm cannot be instantiated", cause);
  }
}

async function ownSource(own: OwnWasm): Promise<WasmSourceNow | { default: WasmSourceNow }> {
  try {
    return await own.source();
  } catch (cause) {
    throw loadFailed("the wasm cannot be read", cause);
  }
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  const given = await source;
  const wasm = isDefaultExport(given) ? given.default : given;
  if (isModule(wasm)) return wasm;
  if (isBytes(wasm)) return compileBytes(wasm);
  const response = isResponse(wasm) ? wasm : await fetched(wasm);
  if (!response.ok) {
    throw loadFailed(`${response.url || "the wasm"} answered with status ${response.status}`);
  }
  return compileBytes(await bodyOf(response));
}

async function bodyOf(response: Response): Promise<ArrayBuffer> {
  try {
    return await response.arrayBuffer();
  } catch (cause) {
    throw loadFailed(`${response.url || "the wasm"} cannot be read`, cause);
  }
}

/** A DataView is no buffer source to every engine, a Uint8Array is. */
function compileBytes(given: BufferSource): Promise<WebAssembly.Module> {
  const bytes = ArrayBuffer.isView(given)
    ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
    : given;
  return WebAssembly.compile(bytes).catch((cause) => {
    throw loadFailed("the wasm does not compile", cause);
  });
}

async function fetched(place: unknown): Promise<Response> {
  if (typeof place !== "string" && !(place instanceof URL)) {
    throw new TypeError(
      `"options.wasm" expected a URL, a Response, bytes or a module, got ${described(place)}`,
    );
  }
  try {
    return await fetch(place);
  } catch (cause) {
    throw loadFailed(`${place} could not be fetched`, cause);
  }
}

function loadFailed(reason: string, cause?: unknown): HarmonyError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new HarmonyError("load_failed", `could not load the encoding: ${reason}${detail}`, {
    cause,
  });
}

function isDefaultExport(value: object | string): value is { default: WasmSourceNow } {
  return typeof value === "object" && value !== null && "default" in value;
}

/** By its tag: on some edge runtimes the module is of another realm. */
function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === "[object Response]";
}

function isBytes(value: unknown): value is BufferSource {
  return (
    ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]"
  );
}
