import type { WasmModule } from "./index.js";

/**
 * What `import … from "harmony-wasm/harmony.wasm"` gives in runtimes that import
 * wasm modules: workerd, and Node and Deno with `import source`. Some bundlers
 * give bytes or a URL; the same parameters accept both.
 */
declare const wasm: WasmModule;
export default wasm;
