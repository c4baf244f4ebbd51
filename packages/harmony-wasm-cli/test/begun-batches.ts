/** The module of a thread that answers how many batches have begun before. */

import { workerData } from "piscina";

const begun: Int32Array = workerData;

export default function placeOf(): number {
  return Atomics.add(begun, 0, 1);
}
