/**
 * Token ids from an OpenAI-style completions server, as they are sampled. The
 * request is vLLM's: the prompt as ids, and ids back (`return_token_ids`).
 */

/** Where the server is, and what it serves. */
const SERVER = process.env.COMPLETIONS_URL ?? "http://localhost:8000/v1/completions";
const MODEL = process.env.COMPLETIONS_MODEL ?? "openai/gpt-oss-20b";

/** The ids that follow `prompt`, in the chunks in which they come. */
export async function* sampled(
  prompt: Uint32Array,
  stopTokens: number[],
): AsyncGenerator<number[], void, undefined> {
  const response = await fetch(SERVER, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: MODEL,
      prompt: [...prompt],
      max_tokens: 4096,
      stop_token_ids: stopTokens,
      stream: true,
      return_token_ids: true,
    }),
  });
  if (!response.ok || !response.body) throw new Error(`${SERVER} answered ${response.status}`);
  for await (const data of serverSentEvents(response.body)) {
    if (data === "[DONE]") return;
    yield JSON.parse(data).choices[0].token_ids ?? [];
  }
}

/** The data of each event. */
async function* serverSentEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield line.slice(6).trimEnd();
  }
}
