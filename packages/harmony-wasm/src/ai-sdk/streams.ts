/** Web streams as generators and back: not every browser iterates over its streams. */

/** The parts of a stream; leaving them cancels it. */
export async function* partsOf<Part>(
  stream: ReadableStream<Part>,
): AsyncGenerator<Part, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** A stream of parts, made as they are read. `stop` is called first when the reader leaves. */
export function streamOf<Part>(
  parts: AsyncGenerator<Part, void, undefined>,
  stop: (reason: unknown) => void = () => {},
): ReadableStream<Part> {
  return new ReadableStream<Part>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        stop(reason);
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
