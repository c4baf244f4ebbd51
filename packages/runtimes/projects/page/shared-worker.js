import * as harmony from "./node_modules/harmony-wasm/dist/browser.js";
import { report } from "./suite.mjs";

addEventListener("connect", async ({ ports: [port] }) => {
  try {
    port.postMessage(await report(harmony));
  } catch (error) {
    port.postMessage(String(error));
  }
});
