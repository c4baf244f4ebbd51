/**
 * Loads the encoding once per process or page: concurrent loads share one
 * instance, a failed load is forgotten, and an instance that trapped is
 * replaced. Each entry says where the wasm comes from; `wasm.ts` compiles it.
 */

import { checkedOptions, checkedText, described } from "./check/arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import { HarmonyError } from "./errors.js";
import { WasmInstance } from "./instance.js";
import { HarmonyEncodingName } from "./types.js";
import {
  checkRuntime,
  checkSource,
  compile,
  compileNow,
  type FileReader,
  hasArrived,
  loadFailed,
  type WasmCode,
  type WasmSource,
} from "./wasm.js";

/** Options of `loadHarmonyEncoding`. */
export interface LoadOptions {
  /**
   * The wasm to use instead of the package's own; ignored if the encoding is
   * already loaded, once its type is checked. A URL is fetched; in Node, a `file:` URL is read.
   */
  wasm?: WasmSource;
}

/**
 * The two loaders of one entry, which share what they load.
 *
 * @param own Returns the package's own wasm.
 * @param readFile Reads `file:` URLs, if the runtime can.
 */
export function createLoaders(own: () => WasmSource, readFile?: FileReader) {
  let loaded: HarmonyEncoding | undefined;
  let loading: Promise<HarmonyEncoding> | undefined;

  const usable = () => (loaded && !HarmonyEncoding.instanceOf(loaded).isLost ? loaded : undefined);
  const finish = (module: WebAssembly.Module, name: string) => {
    loaded = usable() ?? instantiated(module, name);
    return loaded;
  };

  async function loadHarmonyEncoding(
    name: HarmonyEncodingName = HarmonyEncodingName.HARMONY_GPT_OSS,
    options?: LoadOptions,
  ): Promise<HarmonyEncoding> {
    checkRuntime();
    const checked = checkedName(name);
    const { wasm } = checkedOptions("options", options, ["wasm"]);
    checkSource("options.wasm", wasm);
    const ready = usable();
    if (ready) return ready;
    loading ??= (wasm === undefined ? compileOwn(own, readFile) : compile(wasm, readFile))
      .then((module) => finish(module, checked))
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  function loadHarmonyEncodingSync(
    name: HarmonyEncodingName = HarmonyEncodingName.HARMONY_GPT_OSS,
  ): HarmonyEncoding {
    checkRuntime();
    const checked = checkedName(name);
    return usable() ?? finish(compileOwnNow(own, readFile), checked);
  }

  return { loadHarmonyEncoding, loadHarmonyEncodingSync };
}

/**
 * Creates an encoding from wasm that you have: the module that some runtimes
 * import from `harmony-wasm/harmony.wasm`, or its bytes. Synchronous. Every call
 * creates a new instance, so keep the result. Mirrors `load_harmony_encoding`.
 *
 * @throws {HarmonyError} `unknown_encoding`, `load_failed`.
 * @throws {TypeError} If `wasm` is neither a module nor bytes.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { createHarmonyEncoding } from "harmony-wasm/slim";
 *
 * const wasm = readFileSync(new URL(import.meta.resolve("harmony-wasm/harmony.wasm")));
 * createHarmonyEncoding(wasm).encode("hello world"); // => [24912, 2375]
 * ```
 */
export function createHarmonyEncoding(
  wasm: WasmCode | { default: WasmCode },
  name: HarmonyEncodingName = HarmonyEncodingName.HARMONY_GPT_OSS,
): HarmonyEncoding {
  checkRuntime();
  const checked = checkedName(name);
  const module = compileNow(wasm);
  if (module) return instantiated(module, checked);
  throw new TypeError(`"wasm" expected a WebAssembly.Module or bytes, got ${described(wasm)}`);
}

/** Checked before the wasm is loaded, so upstream's message is written here. */
function checkedName(name: unknown): string {
  const text = checkedText("name", name);
  const known: string[] = Object.values(HarmonyEncodingName);
  if (known.includes(text)) return text;
  const expected = `Expected ${known.map((each) => JSON.stringify(each)).join(", ")}.`;
  throw new HarmonyError("unknown_encoding", `Invalid HarmonyEncodingName: ${text}\n${expected}`);
}

async function compileOwn(own: () => WasmSource, readFile: FileReader | undefined) {
  try {
    return await compile(placed(own), readFile);
  } catch (error) {
    throw withAdvice(error);
  }
}

function compileOwnNow(own: () => WasmSource, readFile: FileReader | undefined) {
  try {
    const module = compileNow(placed(own), readFile);
    if (module) return module;
  } catch (error) {
    throw withAdvice(error);
  }
  throw loadFailed(
    "this runtime loads the wasm asynchronously; use loadHarmonyEncoding(), or harmony-wasm/slim",
  );
}

/** `import.meta.url` is undefined in bundles that are not modules, so making the URL throws. */
function placed(own: () => WasmSource): WasmSource {
  try {
    return own();
  } catch (cause) {
    throw loadFailed("the URL of harmony.wasm is unknown", cause);
  }
}

/** The package's own wasm is missing if a bundler copied only the JavaScript. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof HarmonyError) || hasArrived(error.cause)) return error;
  const advice = "if a bundler left out harmony.wasm, import harmony-wasm/inline instead";
  return new HarmonyError("load_failed", `${error.message} (${advice})`, { cause: error.cause });
}

function instantiated(module: WebAssembly.Module, name: string): HarmonyEncoding {
  try {
    return HarmonyEncoding.on(new WasmInstance(module, name));
  } catch (cause) {
    throw loadFailed("the wasm cannot be instantiated", cause);
  }
}
