/**
 * Pairs results with calls. Harmony has no call ids: a result names its tool, and only their order
 * distinguishes several results of one tool.
 */

import { RequestError } from "../errors.js";

/** A call that a result may answer. */
export interface Call {
  recipient: string;
  /** Its place among all calls. */
  order: number;
}

interface OpenCall extends Call {
  id: string | undefined;
  turn: number;
  isAnswered: boolean;
}

/** The calls so far, in order. */
export class Calls {
  readonly #calls: OpenCall[] = [];

  /** Adds a call. Two calls with one id in the same turn are refused. */
  add(recipient: string, id: string | undefined, turn: number, path: string): void {
    const before = this.#withId(id);
    if (id !== undefined && before?.turn === turn) {
      const message = `expected an id of its own for each call of a turn, got ${JSON.stringify(id)} again`;
      throw new RequestError("invalid_conversation", message, path);
    }
    this.#calls.push({ recipient, order: this.#calls.length, id, turn, isAnswered: false });
  }

  /**
   * The call with an id. If a later turn reuses the id, the latest call. If the calls have no ids,
   * the first unanswered one. A result that names another tool, and a second result, are refused.
   */
  withId(id: string, recipient: string | undefined, path: { id: string; name: string }): Call {
    const call = this.#withId(id) ?? this.#withoutId(recipient);
    if (!call) {
      const message = `expected the id of an earlier call, got ${JSON.stringify(id)}`;
      throw new RequestError("invalid_conversation", message, path.id);
    }
    if (recipient !== undefined && recipient !== call.recipient) {
      const message = `expected the result of a call to ${call.recipient}, got one of ${recipient}`;
      throw new RequestError("invalid_conversation", message, path.name);
    }
    if (call.isAnswered) {
      const message = `expected one result for each call, got a second one for ${JSON.stringify(id)}`;
      throw new RequestError("invalid_conversation", message, path.id);
    }
    return answered(call);
  }

  /** The first unanswered call of a tool. A result without a call is allowed. */
  ofTool(recipient: string): Call {
    const call = this.#calls.find((each) => !each.isAnswered && each.recipient === recipient);
    return call ? answered(call) : { recipient, order: this.#calls.length };
  }

  /** The first unanswered call, for a result with neither id nor name. */
  next(path: string): Call {
    const call = this.#calls.find(({ isAnswered }) => !isAnswered);
    if (call) return answered(call);
    const message =
      this.#calls.length === 0
        ? "expected the call that the result answers, in the tool_calls of an assistant's message before it, got none"
        : "expected tool_call_id or name, got neither, and every call before the result has one already";
    throw new RequestError("invalid_conversation", message, path);
  }

  #withoutId(recipient: string | undefined): OpenCall | undefined {
    return this.#calls.find(
      (call) =>
        call.id === undefined &&
        !call.isAnswered &&
        (recipient === undefined || recipient === call.recipient),
    );
  }

  #withId(id: string | undefined): OpenCall | undefined {
    return id === undefined ? undefined : this.#calls.findLast((call) => call.id === id);
  }
}

function answered(call: OpenCall): Call {
  call.isAnswered = true;
  return call;
}

/** Results with the calls that they answer. */
export type InOrder = <T extends { call: Call }>(results: readonly T[]) => T[];

/** Results in the order of their calls. */
export const inOrderOfCalls: InOrder = (results) => {
  return [...results].sort((a, b) => a.call.order - b.call.order);
};

/** Results in the order in which they came; those of one tool in the order of their calls. */
export const inOrderOfArrival: InOrder = <T extends { call: Call }>(results: readonly T[]) => {
  const queues = new Map<string, T[]>();
  for (const result of inOrderOfCalls(results)) {
    const { recipient } = result.call;
    const queue = queues.get(recipient) ?? [];
    queues.set(recipient, queue);
    queue.push(result);
  }
  return results.flatMap(({ call: { recipient } }) => queues.get(recipient)?.shift() ?? []);
};
