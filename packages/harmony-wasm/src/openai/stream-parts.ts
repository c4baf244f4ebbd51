/** Web streams as generators: not every browser iterates over its streams. */

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
