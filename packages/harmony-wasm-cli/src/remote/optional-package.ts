/**
 * Loads the package of a store. They take 12 to 24 MB each, and most runs need
 * none, so they are optional peers that the user installs.
 */

import { UsageError } from "../exit.ts";
import { hasCode } from "../files/write-all.ts";

/** Loads a package, or names the command that installs it. */
export async function loadPackage<T>(
  scheme: string,
  packages: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!hasCode(error, "ERR_MODULE_NOT_FOUND")) throw error;
    const names = packages.join(" ");
    throw new UsageError(
      `${scheme}:// needs the library of its service: npm install ${names} (with -g, if harmony-wasm-cli was installed with -g)`,
    );
  }
}
