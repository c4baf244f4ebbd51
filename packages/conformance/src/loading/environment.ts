/** The environment of the loading cases: an entry of the package, and a server. */

/** The package as a module, of which there may be several copies. */
export type Package = typeof import("harmony-wasm");
/** The entry that loads nothing itself. */
export type Slim = typeof import("harmony-wasm/slim");

/** Where the cases run. */
export interface Environment {
  /** A copy of the entry under test whose loader has not loaded yet. */
  freshCopy(): Promise<Package>;
  slim(): Promise<Slim>;
  /** Whether the entry can load synchronously. */
  loadsNow: boolean;
  /** The origin of the server in `server.ts`. */
  origin: string;
  /** The bytes of the package's wasm. */
  wasm: Uint8Array<ArrayBuffer>;
}

/** One named check, which throws if it fails. */
export interface Case {
  name: string;
  run(environment: Environment): Promise<void>;
}

/** Runs every case and returns the failures by name. */
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
