// Files that the build writes beside the entries.

declare module "*/harmony.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*/harmony.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*/harmony-wasm-base64.js" {
  const base64: string;
  export default base64;
}
