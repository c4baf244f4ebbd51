const worker = new SharedWorker("./shared-worker.js", { type: "module" });
worker.addEventListener("error", ({ message }) => {
  throw new Error(`the worker: ${message}`);
});
worker.port.addEventListener("message", ({ data }) => console.log(JSON.stringify(data)));
worker.port.start();
