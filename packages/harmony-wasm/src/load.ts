/**
 * Loading, once per process or page. A load that is under way is shared, a
 * load that failed is forgotten, an instance that trapped is replaced. Where
 * the wasm comes from is each entry's business, and how a module is made of it
 * that of `wasm.ts`.
 */

import { checkedOptions, checkedText, described } from "./check/arguments.js";
import { HarmonyEncoding } from "./encoding.js";
import { HarmonyError } from "./errors.js";
import { WasmInstance } from "./instance.js";
import { HarmonyEncodingName } from "./types.js";
import {
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
   * The wasm to use instead of the package's own; without effect when the
   * encoding is loaded already. A URL is fetched; where the package reads its
   * own wasm from a file, as in Node, a `file:` URL is read.
   */
  wasm?: WasmSource;
}

/**
 * The two loaders of one entry, over one memo.
 *
 * @param own Gives the package's own wasm.
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
    const checked = checkedName(name);
    const { wasm } = checkedOptions("options", options, ["wasm"]);
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
    const checked = checkedName(name);
    return usable() ?? finish(compileOwnNow(own, readFile), checked);
  }

  return { loadHarmonyEncoding, loadHarmonyEncodingSync };
}

/**
 * An encoding of a wasm that you have: the module that an import of
 * `harmony-wasm/harmony.wasm` gives in some runtimes, or its bytes. Each call
 * makes a new one, on an instance of its own: keep it. It has no promise, and
 * mirrors `load_harmony_encoding`.
 *
 * @throws {HarmonyError} `unknown_encoding`, `load_failed`.
 * @throws {TypeError} for what is neither.
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
  const checked = checkedName(name);
  const module = compileNow(wasm);
  if (module) return instantiated(module, checked);
  throw new TypeError(`"wasm" expected a WebAssembly.Module or bytes, got ${described(wasm)}`);
}

/** The name is checked before the wasm is there, so the message is upstream's by hand. */
function checkedName(name: unknown): string {
  const text = checkedText("name", name);
  const known: string[] = Object.values(HarmonyEncodingName);
  if (known.includes(text)) return text;
  throw new HarmonyError("unknown_encoding", `Invalid HarmonyEncodingName: ${text}`);
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
    "here the wasm comes by a promise only; use loadHarmonyEncoding(), or harmony-wasm/slim",
  );
}

/** A bundle that is no module has no `import.meta.url`, and the URL cannot be made. */
function placed(own: () => WasmSource): WasmSource {
  try {
    return own();
  } catch (cause) {
    throw loadFailed("it is not known where harmony.wasm lies", cause);
  }
}

/** The package's own wasm is lost where a bundler took the JavaScript alone. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof HarmonyError) || hasArrived(error.cause)) return error;
  const advice = "if a bundler left harmony.wasm behind, import harmony-wasm/inline instead";
  return new HarmonyError("load_failed", `${error.message} (${advice})`, { cause: error.cause });
}

function instantiated(module: WebAssembly.Module, name: string): HarmonyEncoding {
  try {
    return HarmonyEncoding.on(new WasmInstance(module, name));
  } catch (cause) {
    throw loadFailed("the wasm cannot be instantiated", cause);
  }
}
