/**
 * xgrammar, which holds vLLM and SGLang to structural tags, compiled to
 * WebAssembly by its authors, over the vocabulary of gpt-oss. And a model of
 * random weights that samples under its masks.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { compileFunction, constants } from "node:vm";
import type { HarmonyEncoding } from "harmony-wasm";

/** The used part of `@mlc-ai/web-xgrammar`. */
interface Library {
  TokenizerInfo: {
    createTokenizerInfo(
      vocabulary: string[],
      type: string,
      prependsSpace: boolean,
      size: number,
      stopTokens: number[],
    ): Promise<object>;
  };
  GrammarCompiler: {
    createGrammarCompiler(
      info: object,
    ): Promise<{ compileStructuralTag(tag: object): Promise<object> }>;
  };
  GrammarMatcher: { createGrammarMatcher(grammar: object): Promise<Matcher> };
}

interface Matcher {
  acceptToken(token: number): boolean;
  getNextTokenBitmask(): Promise<Int32Array>;
  dispose(): void;
}

const VOCABULARY = 201_088;
const TEXT = 199_998;
const STOPS: readonly number[] = [200_002, 199_999, 200_012];

/** The file is CommonJS in a package that says it is a module, so it is run as what it is. */
function library(): Library {
  const require = createRequire(import.meta.url);
  const path = require.resolve("@mlc-ai/web-xgrammar");
  const module = { exports: {} };
  const run = compileFunction(
    readFileSync(path, "utf8"),
    ["module", "exports", "require", "__filename", "__dirname"],
    { filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
  );
  run(module, module.exports, require, path, dirname(path));
  return module.exports as Library;
}

/** GPT-2's spelling of bytes, in which xgrammar takes a vocabulary. */
const SPELLINGS = spellings();

function spellings(): string[] {
  let hidden = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isVisible ? byte : hidden++);
  });
}

function vocabularyOf(encoding: HarmonyEncoding): string[] {
  const spelled = (bytes: Uint8Array) => Array.from(bytes, (byte) => SPELLINGS[byte]).join("");
  return Array.from({ length: VOCABULARY }, (_, id) =>
    id < TEXT ? spelled(encoding.decodeBytes([id])) : encoding.decode([id]),
  );
}

/** Samples under structural tags. */
export class ConstrainedSampler {
  readonly #compile: (tag: object) => Promise<Matcher>;
  readonly #spaces: ReadonlySet<number>;

  private constructor(compile: (tag: object) => Promise<Matcher>, vocabulary: readonly string[]) {
    this.#compile = compile;
    this.#spaces = new Set(vocabulary.flatMap((text, id) => (/^[ĠĊĉč]*$/.test(text) ? [id] : [])));
  }

  static async load(encoding: HarmonyEncoding): Promise<ConstrainedSampler> {
    const { TokenizerInfo, GrammarCompiler, GrammarMatcher } = library();
    const vocabulary = vocabularyOf(encoding);
    const stops = [...STOPS];
    const info = await TokenizerInfo.createTokenizerInfo(
      vocabulary,
      "byte_level",
      false,
      VOCABULARY,
      stops,
    );
    const compiler = await GrammarCompiler.createGrammarCompiler(info);
    return new ConstrainedSampler(
      async (tag) => GrammarMatcher.createGrammarMatcher(await compiler.compileStructuralTag(tag)),
      vocabulary,
    );
  }

  /**
   * A completion of at most `most` ids. A special token is likelier than its
   * spelling, and an end than more text, and white space is rare: JSON allows any
   * amount of it, so nothing random would end.
   */
  async sample(tag: object, random: () => number, most: number): Promise<number[]> {
    const matcher = await this.#compile(tag);
    const tokens: number[] = [];
    while (tokens.length < most && !STOPS.includes(tokens.at(-1) ?? 0)) {
      const allowed = allowedIn(await matcher.getNextTokenBitmask());
      const written = allowed.filter((id) => !this.#spaces.has(id));
      const token = pick(written.length > 0 && random() < 0.95 ? written : allowed, random);
      if (!STOPS.includes(token) && !matcher.acceptToken(token)) {
        throw new Error(`xgrammar refuses ${token}, which it allowed`);
      }
      tokens.push(token);
    }
    matcher.dispose();
    return tokens;
  }
}

function pick(allowed: readonly number[], random: () => number): number {
  const specials = allowed.filter((id) => id >= TEXT);
  const choices = specials.length > 0 && random() < 0.6 ? specials : allowed;
  const token = choices[Math.floor(random() * choices.length)];
  if (token === undefined) throw new Error("xgrammar allows no token");
  return token;
}

function allowedIn(mask: Int32Array): number[] {
  const allowed: number[] = [];
  mask.forEach((bits, index) => {
    for (let bit = 0; bit < 32; bit += 1) {
      if ((bits >>> bit) & 1) allowed.push(index * 32 + bit);
    }
  });
  return allowed.filter((id) => id < VOCABULARY);
}
