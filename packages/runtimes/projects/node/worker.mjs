import { isMainThread, parentPort, Worker } from "node:worker_threads";
import * as harmony from "harmony-wasm";
import { report } from "./suite.mjs";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on("message", (result) => console.log(JSON.stringify(result)));
} else {
  parentPort.postMessage(await report(harmony));
}
