import resolve from "@rollup/plugin-node-resolve";

export default {
  input: "main.mjs",
  output: { file: "out/main.mjs" },
  // The plugin takes everything to be for browsers.
  plugins: [resolve({ exportConditions: ["node"] })],
};
