/**
 * Loaded into the program with `--import`. `END_AT="write 7 SIGKILL"` sends the
 * program a signal from inside its seventh write, so that a test chooses the
 * moment and no clock does. A write that SIGKILL ends is half written.
 */

import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

/** Writes are of open files; the others give files their names, and delete them. */
type Operation = "write" | "rename" | "rm";

const [operation, last, signal = "SIGKILL"] = (process.env.END_AT ?? "").split(" ");
let done = 0;

/** Whether this call is the last one. */
function isLast(name: Operation): boolean {
  if (name !== operation) return false;
  done += 1;
  return done === Number(last);
}

async function watchWrites(): Promise<void> {
  const file = await promises.open("/dev/null");
  const handle: FileHandle = Object.getPrototypeOf(file);
  await file.close();
  const { write } = handle;
  const watched = async function (
    this: FileHandle,
    bytes: Uint8Array,
    from: number,
    length: number,
    position: number,
  ) {
    if (isLast("write")) {
      if (signal === "SIGKILL")
        await Reflect.apply(write, this, [bytes, from, length >> 1, position]);
      process.kill(process.pid, signal);
    }
    return Reflect.apply(write, this, [bytes, from, length, position]);
  };
  Object.assign(handle, { write: watched });
}

function watchFolder(name: "rename" | "rm"): void {
  const original: (...values: never[]) => Promise<void> = promises[name];
  const watched = (...values: never[]) => {
    if (isLast(name)) process.kill(process.pid, signal);
    return original(...values);
  };
  Object.assign(promises, { [name]: watched });
}

if (isMainThread) {
  await watchWrites();
  watchFolder("rename");
  watchFolder("rm");
  syncBuiltinESMExports();
}
