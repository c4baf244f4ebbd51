import { defineEventHandler } from "h3";
import * as harmony from "harmony-wasm";

// Not bundled: it stays outside what is deployed.
export default defineEventHandler(async () => {
  const { report } = await import(process.env.SUITE);
  return report(harmony);
});
