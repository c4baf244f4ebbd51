/**
 * The table of docs/runtimes.md: where you are and what to write there, with the cases
 * that prove each line. Text in backticks appears word for word in their projects or
 * in the command that builds them.
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
  {
    where: "Jest 30, on Node 24",
    write: `${IMPORT} or \`require("harmony-wasm")\`, by \`node --experimental-vm-modules\``,
    cases: ["Jest, import", "Jest, require"],
  },
  {
    where: "Jest with jsdom",
    write:
      '`from "harmony-wasm/inline"`, and `Object.assign(globalThis, { TextDecoder, TextEncoder })`',
    cases: ["Jest with jsdom"],
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
    where: "a server by Nuxt or Nitro, a bundle by `@vercel/ncc`",
    write: IMPORT,
    cases: ["Nitro, which builds Nuxt's servers", "@vercel/ncc"],
  },
  {
    where: "`deno bundle`, `bun build`",
    write: IMPORT,
    cases: ["Deno's bundler", "Bun's bundler", "Bun's bundler, one executable"],
  },
  {
    where: "a page or worker, bundled by Vite, webpack, Rspack or Parcel",
    write: IMPORT,
    cases: [
      "Vite, a page",
      "Vite, a page and its worker",
      "Vite's development server",
      "Vite's development server, a worker",
      "Vite 7's development server",
      "Vite 7's development server, a worker",
      "Vite 5's development server",
      "webpack, a page",
      "webpack, a page and its worker",
      "Rspack, a page",
      "Parcel, a page",
    ],
  },
  {
    where: "a page, bundled by esbuild or Rollup",
    write: `${IMPORT}, and copy \`harmony.wasm\` beside the bundle`,
    cases: ["esbuild, a page, the wasm copied", "Rollup, a page, the wasm copied"],
  },
  {
    where: "the same in one file, or by `bun build`",
    write: '`from "harmony-wasm/inline"`',
    cases: [
      "esbuild, a page, ./inline",
      "Rollup, a page, ./inline",
      "Bun's bundler, a page, ./inline",
    ],
  },
  {
    where: "esbuild with `--loader:.wasm=file`",
    write: '`loadHarmonyEncoding(undefined, { wasm })`, `wasm from "harmony-wasm/harmony.wasm"`',
    cases: ["esbuild, a page, --loader:.wasm=file"],
  },
  {
    where: "esbuild with `--loader:.wasm=binary`",
    write: '`createHarmonyEncoding(wasm)` of `"harmony-wasm/slim"`, the same `wasm`',
    cases: ["esbuild, a page, ./slim and --loader:.wasm=binary"],
  },
  {
    where: "Next.js, a Node route or a client component",
    write: IMPORT,
    cases: ["Turbopack", "webpack"].flatMap((bundler) => [
      `Next.js with ${bundler}, a Node route`,
      `Next.js with ${bundler}, a client component`,
    ]),
  },
  {
    where: "Next.js, an edge route",
    write: IMPORT,
    cases: ["Next.js with Turbopack, an edge route", "Next.js with webpack, an edge route"],
  },
  {
    where: "Cloudflare's workerd, by wrangler",
    write: IMPORT,
    cases: ["workerd, by wrangler dev", "workerd, bundled by wrangler, in miniflare"],
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
