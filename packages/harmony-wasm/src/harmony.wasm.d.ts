import type { WasmModule } from "./index.js";

/**
 * What an import of `harmony-wasm/harmony.wasm` gives where a module may be
 * imported: workerd, and Node and Deno with `import source`. Some bundlers
 * give bytes or a URL instead; both are taken by the same parameters.
 */
declare const wasm: WasmModule;
export default wasm;
