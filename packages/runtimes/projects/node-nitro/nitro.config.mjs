export default { preset: "node-listener", output: { dir: "out" } };
