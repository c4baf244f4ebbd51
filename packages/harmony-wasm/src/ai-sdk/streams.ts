/** Generators as web streams. */

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
