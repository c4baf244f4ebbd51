// A module worker runs what a page runs, and prints it itself.
const worker = new Worker("./relative.js", { type: "module" });
worker.addEventListener("error", ({ message }) => {
  throw new Error(`the worker: ${message}`);
});
