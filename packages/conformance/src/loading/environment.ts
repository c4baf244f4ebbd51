/** What the cases of loading run in: an entry of the package, and a server. */

/** The package as a module, of which there may be several copies. */
export type Package = typeof import("harmony-wasm");
/** The entry that loads nothing itself. */
export type Slim = typeof import("harmony-wasm/slim");

/** Where the cases run. */
export interface Environment {
  /** A copy of the entry under test whose loader has not loaded yet. */
  freshCopy(): Promise<Package>;
  slim(): Promise<Slim>;
  /** Whether the entry has its wasm without a promise. */
  loadsNow: boolean;
  /** Where `server.ts` answers. */
  origin: string;
  /** The bytes of the package's wasm. */
  wasm: Uint8Array<ArrayBuffer>;
}

/** One thing that must be true; it throws where it is not. */
export interface Case {
  name: string;
  run(environment: Environment): Promise<void>;
}

/** Runs every case; the failures by name. */
export async function runCases(cases: readonly Case[], environment: Environment) {
  const failures: { name: string; reason: string }[] = [];
  for (const { name, run } of cases) {
    try {
      await run(environment);
    } catch (error) {
      failures.push({ name, reason: String(error) });
    }
  }
  return failures;
}
