/**
 * A model in the same process, by transformers.js, as the backend of the handler:
 * in a page, the OpenAI client then needs no server at all.
 *
 *     const model = await AutoModelForCausalLM.from_pretrained("onnx-community/gpt-oss-20b-ONNX", { device: "webgpu" });
 *     const handler = createHarmonyHandler({ backend: transformersBackend(model) });
 *     const openai = new OpenAI({ fetch: (url, init) => handler(new Request(url, init)), … });
 */

import {
  BaseStreamer,
  InterruptableStoppingCriteria,
  type PreTrainedModel,
  Tensor,
} from "@huggingface/transformers";
import type { Backend, GenerateChunk, GenerateRequest } from "harmony-wasm/openai";

/** What of a model is used. */
export type Generator = Pick<PreTrainedModel, "generate">;

/** The ids of a generation as they are sampled. The streamer first gets the prompt. */
class IdStreamer extends BaseStreamer {
  readonly #add: (token: number) => void;
  #isPrompt = true;

  constructor(add: (token: number) => void) {
    super();
    this.#add = add;
  }

  override put([tokens = []]: bigint[][]): void {
    if (!this.#isPrompt) for (const token of tokens) this.#add(Number(token));
    this.#isPrompt = false;
  }

  override end(): void {}
}

/** A backend over a model that is loaded. */
export function transformersBackend(model: Generator): Backend {
  return {
    generate(request) {
      const stop = new InterruptableStoppingCriteria();
      const { readable, writable } = new TransformStream<GenerateChunk>();
      const writer = writable.getWriter();
      // The model does not wait for its reader. A reader that has left makes it stop.
      let last: number | undefined;
      const add = (token: number) => {
        last = token;
        writer.write({ tokens: [token] }).catch(() => stop.interrupt());
      };
      request.signal.addEventListener("abort", () => {
        stop.interrupt();
        writer.abort(request.signal.reason).catch(() => {});
      });
      generated(model, request, new IdStreamer(add), stop)
        .then(
          async () => {
            const isStopped = last !== undefined && request.stopTokens.includes(last);
            await writer.write({ tokens: [], finishReason: isStopped ? "stop" : "length" });
            await writer.close();
          },
          (error) => writer.abort(error),
        )
        .catch(() => {});
      return chunksOf(readable);
    },
  };
}

function generated(
  model: Generator,
  { promptTokens, stopTokens, maxTokens = 1024, temperature = 1, topP = 1 }: GenerateRequest,
  streamer: BaseStreamer,
  stop: InterruptableStoppingCriteria,
): Promise<unknown> {
  const ids = BigInt64Array.from(promptTokens, BigInt);
  const inputs = new Tensor("int64", ids, [1, ids.length]);
  const attention_mask = new Tensor(
    "int64",
    ids.map(() => 1n),
    [1, ids.length],
  );
  return model.generate({
    inputs,
    attention_mask,
    // @ts-expect-error The library's types ask for a TextStreamer, its code for any streamer.
    streamer,
    stopping_criteria: stop,
    eos_token_id: [...stopTokens],
    max_new_tokens: maxTokens,
    do_sample: temperature > 0,
    temperature,
    top_p: topP,
  });
}

/** Not every browser iterates over its streams. */
async function* chunksOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
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
