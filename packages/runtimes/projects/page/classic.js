// No module, so it can import one only later.
async function run() {
  const harmony = await import("./node_modules/harmony-wasm/dist/browser.js");
  const { report } = await import("./suite.mjs");
  console.log(JSON.stringify(await report(harmony)));
}
run();
