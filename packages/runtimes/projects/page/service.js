await navigator.serviceWorker.register("./service-worker.js", { type: "module" });
const { active } = await navigator.serviceWorker.ready;
const { port1, port2 } = new MessageChannel();
port1.addEventListener("message", ({ data }) => console.log(JSON.stringify(data)));
port1.start();
active.postMessage("report", [port2]);
