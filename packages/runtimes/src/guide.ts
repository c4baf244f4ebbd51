/**
 * The README's table of where you are and what to write there, with the cases
 * that prove each line: what is in backticks stands in their projects, or in
 * the command that builds them, word for word.
 */

/** A line of the table. */
export interface Line {
  where: string;
  write: string;
  /** By name. */
  cases: string[];
}

const NODES = ["Node 20", "Node 22", "Node 24", "Node 26"];
const ways = (way: string) => NODES.map((node) => `${node}, ${way}`);
const IMPORT = '`from "harmony-wasm"`';

export const LINES: readonly Line[] = [
  {
    where: "Node 20.19, 22, 24, 26",
    write: IMPORT,
    cases: [...ways("import"), ...ways("worker thread"), "pnpm, import"],
  },
  {
    where: "Node, CommonJS",
    write: '`require("harmony-wasm")`',
    cases: [...ways("require"), "pnpm, require"],
  },
  { where: "Deno, Bun", write: IMPORT, cases: ["Deno", "Bun"] },
  {
    where: "a bundle for Node by esbuild, webpack or Vite",
    write: IMPORT,
    cases: [
      "esbuild, for Node",
      "esbuild, for Node, CommonJS",
      "webpack, for Node",
      "Vite, for Node",
    ],
  },
  {
    where: "the same by Rollup",
    write: `${IMPORT}, and \`resolve({ exportConditions: ["node"] })\``,
    cases: ["Rollup, for Node"],
  },
  {
    where: "esbuild for Node, the wasm as a file",
    write: `${IMPORT}, \`--conditions=\`, and copy \`harmony.wasm\` beside the bundle`,
    cases: ["esbuild, for Node, the wasm beside it"],
  },
  {
    where: "esbuild for Node, packages left out",
    write: `${IMPORT}, and \`--packages=external\``,
    cases: ["esbuild, for Node, packages left out"],
  },
  {
    where: "`deno bundle`, `bun build`",
    write: IMPORT,
    cases: ["Deno's bundler", "Bun's bundler", "Bun's bundler, one executable"],
  },
  {
    where: "a page without a bundler",
    write: 'an import map: `"harmony-wasm": "./node_modules/harmony-wasm/dist/browser.js"`',
    cases: ["a page without a bundler"],
  },
  {
    where: "a worker, shared worker or service worker without one",
    write: '`from "./node_modules/harmony-wasm/dist/browser.js"`, as `type: "module"`',
    cases: [
      "a page whose server does not know wasm",
      "a module worker",
      "a shared worker",
      "a service worker",
    ],
  },
  {
    where: "a classic worker",
    write: '`await import("./node_modules/harmony-wasm/dist/browser.js")`',
    cases: ["a classic worker"],
  },
  {
    where: "a page that wants no second file, or no promise",
    write: "`harmony-wasm/dist/inline.js`, and `loadHarmonyEncodingSync()`",
    cases: ["a page with ./inline"],
  },
  {
    where: "a page that brings the wasm",
    write: "`createHarmonyEncoding(await WebAssembly.compileStreaming(wasm))`, of `slim.js`",
    cases: ["a page with ./slim"],
  },
  {
    where: "a strict Content-Security-Policy",
    write: "`script-src 'self' 'wasm-unsafe-eval'`",
    cases: [
      "a strict Content-Security-Policy",
      "a strict Content-Security-Policy, in a worker",
      "a strict Content-Security-Policy, with ./inline",
    ],
  },
];
