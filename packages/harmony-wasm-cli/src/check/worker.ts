/** A thread of the reading commands. */

import { move, transferableSymbol, valueSymbol } from "piscina";
import { type Answer, answerOf, type Task } from "./answer.ts";

/** The task that the pool runs. */
export default async function answered(task: Task): Promise<unknown> {
  return move(new Moved(await answerOf(task)));
}

/** An answer whose arrays are moved. */
class Moved {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  get [transferableSymbol]() {
    return this.#answer.done
      .flatMap((done) => Object.values(done))
      .flatMap((field) => (ArrayBuffer.isView(field) ? field.buffer : []));
  }

  get [valueSymbol](): Answer {
    return this.#answer;
  }
}
