/**
 * One instance of the wasm with its own glue, and the door through which every
 * call goes. wasm-bindgen's glue is a singleton, so the build makes a factory
 * of it: two instances live side by side, and one that has trapped can be
 * replaced. A call that fails otherwise than by an error of ours has left the
 * instance in an unknown state; from then on it answers `instance_lost`.
 */

import { HARMONY_ERROR_CODES, HarmonyError, type HarmonyErrorCode } from "./errors.js";
import type { BoundaryEncoding, BoundaryParser, Glue } from "./generated/glue.js";
import { createGlue } from "./generated/glue.js";

/** The error object that the boundary throws. */
interface BoundaryError extends Error {
  code: HarmonyErrorCode;
  path?: string;
  index?: number;
}

function isBoundaryError(error: unknown): error is BoundaryError {
  const codes: readonly unknown[] = HARMONY_ERROR_CODES;
  return error instanceof Error && "code" in error && codes.includes(error.code);
}

/** A wasm instance with its encoding. */
export class Native {
  readonly #glue: Glue;
  readonly #encoding: BoundaryEncoding;
  #lost: unknown;

  /** Instantiates `module` and builds the tables of the encoding `name`. */
  constructor(module: WebAssembly.Module, name: string) {
    this.#glue = createGlue();
    const instance = new WebAssembly.Instance(module, this.#glue.imports);
    this.#glue.start(instance.exports);
    this.#encoding = this.#guarded(() => new this.#glue.Encoding(name));
  }

  /** Whether the instance has trapped. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Runs one call on the encoding. */
  call<T>(operation: (encoding: BoundaryEncoding) => T): T {
    return this.#guarded(() => operation(this.#encoding));
  }

  /** Runs one call on a parser of this instance. */
  callParser<T>(parser: BoundaryParser, operation: (parser: BoundaryParser) => T): T {
    return this.#guarded(() => operation(parser));
  }

  /** A parser of this instance. */
  createParser(role: string | undefined, strict: boolean): BoundaryParser {
    return this.#guarded(() => new this.#glue.Parser(this.#encoding, role, strict));
  }

  #guarded<T>(operation: () => T): T {
    if (this.isLost) throw this.#lostError();
    try {
      return operation();
    } catch (error) {
      if (isBoundaryError(error)) throw new HarmonyError(error.code, error.message, error);
      this.#lost = error ?? "an unknown failure";
      throw this.#lostError();
    }
  }

  #lostError(): HarmonyError {
    return new HarmonyError(
      "instance_lost",
      "the wasm instance failed and cannot be used any more; load the encoding again",
      { cause: this.#lost },
    );
  }
}
