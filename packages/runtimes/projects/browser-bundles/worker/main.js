import { loadHarmonyEncoding } from "harmony-wasm";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = async ({ data }) => {
  // Both need the wasm, and share the file.
  const encoding = await loadHarmonyEncoding();
  if (encoding.countTokens("hello world") === 2) console.log(data);
};
