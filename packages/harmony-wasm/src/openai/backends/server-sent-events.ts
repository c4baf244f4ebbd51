/**
 * The data of server-sent events. This module promises the events in order, as
 * they come and no faster than they are read; what they say is for its callers.
 */

import { createParser } from "eventsource-parser";
import { BackendError } from "./backend.js";
import { BROKE_OFF, bytesOf } from "./http.js";

/**
 * An engine's event has a few ids; its first one repeats the prompt, at most
 * 131,072 ids of seven characters. More than that is not an engine's.
 */
const LONGEST_EVENT = 4_000_000;

/** The data of each event of the answer. Leaving the loop closes the connection. */
export async function* eventData(response: Response): AsyncGenerator<string> {
  const type = response.headers.get("content-type") ?? "none";
  if (!type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    throw new BackendError(
      `expected an event stream from the backend, but its content type is ${type}`,
      { status: response.status },
    );
  }
  let data: string[] = [];
  let failure: Error | undefined;
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: (event) => data.push(event.data),
    onError(error) {
      // A field that the standard does not know is skipped, as the standard says.
      if (error.type === "max-buffer-size-exceeded") failure = error;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of received(response)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    const events = data;
    data = [];
    yield* events;
    if (failure !== undefined) {
      throw new BackendError(`an event of the backend is longer than ${LONGEST_EVENT} bytes`);
    }
  }
}

async function* received(response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* bytesOf(response);
  } catch (error) {
    throw new BackendError(BROKE_OFF, { cause: error });
  }
}
