/** The files that the arguments of a command mean, in the order of the arguments. */

import { UsageError } from "../exit.ts";
import { isAddress } from "../remote/location.ts";
import { REMOTE_FILES } from "../remote/remote-files.ts";
import type { InputFile, InputStore } from "../storage/input-file.ts";
import { LOCAL_FILES, localFile, STDIN } from "../storage/local-files.ts";

/** The stores; the first that holds an argument lists its files. */
const STORES: readonly InputStore[] = [REMOTE_FILES, LOCAL_FILES];

/** The files of all arguments: names, folders and globs, or "-" alone for stdin. */
export async function inputFiles(names: readonly string[]): Promise<InputFile[]> {
  if (names.length === 1 && names[0] === "-") return [STDIN];
  if (names.includes("-")) {
    throw new UsageError("- is stdin, which cannot be combined with other inputs");
  }
  const files: InputFile[] = [];
  const seen = new Map<string, string>();
  for (const name of names) {
    for (const file of await listed(name)) {
      refuseRepeated(file, seen.get(file.id));
      seen.set(file.id, file.name);
      files.push(file);
    }
  }
  return files;
}

/** The file of a name that means one. */
export async function inputFile(name: string): Promise<InputFile> {
  if (!isAddress(name)) return localFile(name);
  const [file, ...others] = await inputFiles([name]);
  if (file && others.length === 0) return file;
  throw new UsageError(`${name}: expected one file, got ${others.length + 1}`);
}

async function listed(name: string): Promise<InputFile[]> {
  const store = STORES.find(({ holds }) => holds(name)) ?? LOCAL_FILES;
  const files = await store.list(name);
  if (files.length > 0) return files;
  throw new UsageError(
    `${name}: no file matches; expected the name of a file, a quoted glob such as 'data/**/*.jsonl.zst', or a folder with files of rows`,
  );
}

/** Rows that are doubled by a mistake look like any others, so repetition has to be asked for. */
function refuseRepeated({ name }: InputFile, before: string | undefined): void {
  if (before === undefined) return;
  const names = before === name ? name : `${name} (also ${before})`;
  throw new UsageError(`${names}: the file is given twice; give each file once`);
}
