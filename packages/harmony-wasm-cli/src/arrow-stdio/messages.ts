/**
 * Cuts an Arrow IPC stream into its messages. apache-arrow's own asynchronous
 * reader requests the next chunk before it returns the current message (21.2.0,
 * io/adapters.ts), so a batch would wait for the one after it.
 */

import { Message, MessageHeader } from "apache-arrow";

const CONTINUATION = 0xffffffff;
const WORD = 4;

/** One encapsulated message, metadata and body. */
export interface StreamMessage {
  kind: "schema" | "dictionary" | "batch";
  bytes: Uint8Array;
}

/** The messages of a stream, each as soon as it is complete. */
export async function* messagesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamMessage, undefined> {
  const source = new ByteSource(chunks);
  for (;;) {
    const prefix = await source.peek(2 * WORD);
    const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
    if (prefix.length === 0) return;
    if (prefix.length < 2 * WORD || view.getUint32(0, true) !== CONTINUATION) {
      throw new Error("a message does not start with the marker of Arrow IPC");
    }
    const metadataLength = view.getInt32(WORD, true);
    if (metadataLength === 0) return;
    const bodyStart = 2 * WORD + metadataLength;
    const head = await source.peek(bodyStart);
    if (metadataLength < 0 || head.length < bodyStart) throw new Error("a message is cut off");
    const message = Message.decode(head.subarray(2 * WORD));
    const bytes = await source.take(bodyStart + Number(message.bodyLength));
    if (bytes.length < bodyStart + message.bodyLength) throw new Error("a message is cut off");
    yield { kind: kindOf(message.headerType), bytes };
  }
}

function kindOf(header: MessageHeader): StreamMessage["kind"] {
  if (header === MessageHeader.Schema) return "schema";
  if (header === MessageHeader.DictionaryBatch) return "dictionary";
  if (header === MessageHeader.RecordBatch) return "batch";
  throw new Error(`unexpected message of kind ${MessageHeader[header]}`);
}

/** Bytes from chunks; a chunk is requested only when it is needed. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, without consuming them; fewer at the end of the input. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#length < length) {
      const next = await this.#chunks.next();
      if (next.done) break;
      this.#parts.push(next.value);
      this.#length += next.value.length;
    }
    return this.#joined().subarray(0, length);
  }

  /** Consumes the next bytes, aligned as Arrow's buffers must be; fewer at the end of the input. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = (await this.peek(length)).slice();
    const rest = this.#joined().subarray(bytes.length);
    this.#parts = [rest];
    this.#length = rest.length;
    return bytes;
  }

  #joined(): Uint8Array {
    if (this.#parts.length !== 1) this.#parts = [new Uint8Array(Buffer.concat(this.#parts))];
    return this.#parts[0] ?? new Uint8Array(0);
  }
}
