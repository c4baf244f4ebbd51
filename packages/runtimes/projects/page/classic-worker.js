const worker = new Worker("./classic.js");
worker.addEventListener("error", ({ message }) => {
  throw new Error(`the worker: ${message}`);
});
