/**
 * Zstandard with several frames. Node's decompressor ends with the first frame
 * and drops the rest of the chunk (24.21.0); pzstd and `cat` make files of
 * several frames, whose rest would be lost silently.
 */

import { once } from "node:events";
import { createZstdDecompress, type ZstdDecompress } from "node:zlib";

/** The bytes decompressed at once: a few can expand to very many. */
const PIECE_BYTES = 16 * 1024;

/** The content of all frames. */
export async function* zstdContent(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let frame: Frame | undefined;
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        frame ??= new Frame();
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        const taken = await frame.write(piece);
        at += taken;
        yield* frame.take();
        if (taken === piece.length) continue;
        await frame.end();
        yield* frame.take();
        frame = undefined;
      }
    }
    await frame?.end();
    if (frame) yield* frame.take();
  } finally {
    frame?.close();
  }
}

/** A decompressor, until the frame's end within a piece. */
class Frame {
  readonly #stream: ZstdDecompress = createZstdDecompress({ chunkSize: 256 * 1024 });
  readonly #failed: Promise<never>;
  /** A stream whose frame has ended may end by itself. */
  readonly #ended: Promise<unknown>;
  #output: Uint8Array[] = [];

  constructor() {
    this.#stream.on("data", (chunk: Uint8Array) => this.#output.push(chunk));
    this.#failed = once(this.#stream, "error").then(([error]) => {
      throw error;
    });
    this.#ended = once(this.#stream, "end");
    this.#failed.catch(() => {}); // Reported by write and end.
    this.#ended.catch(() => {});
  }

  /** Decompresses the part of the piece that belongs to the frame; returns its length. */
  async write(piece: Uint8Array): Promise<number> {
    const before = this.#stream.bytesWritten;
    const written = new Promise<void>((resolve) => this.#stream.write(piece, () => resolve()));
    await Promise.race([written, this.#failed]);
    return this.#stream.bytesWritten - before;
  }

  /** Waits for the rest of the output; fails for a frame that is cut off. */
  async end(): Promise<void> {
    this.#stream.end();
    await Promise.race([this.#ended, this.#failed]);
  }

  /** Frees the decompressor of a frame that is not read to its end. */
  close(): void {
    this.#stream.destroy();
  }

  /** The output since the last call. */
  take(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }
}
