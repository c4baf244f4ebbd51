/**
 * Conversations that the client does not keep itself: stored responses, and
 * `encrypted_content`. The `openai` client sends them; the prompts that reach the
 * backend show whether every sampled id is still there.
 */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import {
  type Backend,
  createHarmonyHandler,
  type HandlerEvent,
  type HarmonyHandlerOptions,
  type ResponseStore,
} from "harmony-wasm/openai";
import OpenAI from "openai";
import { expect, test } from "vitest";

const encoding = loadHarmonyEncodingSync();
const ids = (text: string) => encoding.encode(text, { allowedSpecial: "all" });

// The order that gpt-oss prefers, and not the one that is rendered: only sampled ids keep it.
const CALL =
  "<|channel|>analysis<|message|>Two cities.<|end|><|start|>assistant<|channel|>commentary" +
  "<|message|>Let me look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather" +
  ' <|constrain|>json<|message|>{"city":"Oslo"}<|call|>';
const ANSWER =
  "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>Cold.<|return|>";

const key = "a secret of at least thirty-two bytes";
const user = { type: "message" as const, role: "user" as const, content: "Weather in Oslo?" };
const tools = [{ type: "function" as const, name: "weather", parameters: {}, strict: false }];
const request = { model: "gpt-oss", tools };
const sealing = { ...request, store: false, include: ["reasoning.encrypted_content" as const] };

/** Samples `completion` for every prompt, one id at a time. */
function server(completion: string, options: HarmonyHandlerOptions | object = {}) {
  const prompts: Uint32Array[] = [];
  const events: HandlerEvent[] = [];
  const backend: Backend = {
    async *generate({ promptTokens }) {
      prompts.push(promptTokens);
      for (const token of ids(completion)) yield { tokens: [token] };
    },
  };
  const onEvent = (event: HandlerEvent) => events.push(event);
  const handler = createHarmonyHandler({ backend, encoding, onEvent, ...options });
  const client = (apiKey = "none") =>
    new OpenAI({
      apiKey,
      baseURL: "http://harmony/v1",
      maxRetries: 0,
      fetch: (url, init) => handler(new Request(url, init)),
    });
  return { client, openai: client(), prompts, events, handler };
}

type Item = OpenAI.Responses.ResponseInputItem;

function results(output: readonly OpenAI.Responses.ResponseOutputItem[], turn = 0): Item[] {
  return output.flatMap((item): Item[] =>
    item.type === "function_call"
      ? [{ type: "function_call_output", call_id: item.call_id, output: `${turn} degrees` }]
      : [],
  );
}

function expectContinued(prompts: readonly Uint32Array[], completion: string): void {
  const sampled = ids(completion);
  for (const [index, prompt] of prompts.slice(1).entries()) {
    const before = prompts[index] ?? new Uint32Array();
    expect(prompt.subarray(0, before.length)).toEqual(before);
    expect(prompt.subarray(before.length, before.length + sampled.length)).toEqual(sampled);
  }
}

async function last<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  let event: T | undefined;
  for await (event of stream);
  return event;
}

test.each([false, true])(
  "twenty turns by previous_response_id, stream %s: every prompt begins with the one before",
  async (stream) => {
    const { openai, prompts } = server(CALL);
    let input: Item[] = [user];
    let previous: string | null = null;
    for (let turn = 0; turn < 20; turn += 1) {
      const next = { ...request, input, previous_response_id: previous };
      const answer: OpenAI.Responses.Response = stream
        ? await openai.responses.stream(next).finalResponse()
        : await openai.responses.create(next);
      expect(answer.previous_response_id).toBe(previous);
      previous = answer.id;
      input = results(answer.output, turn);
    }
    expectContinued(prompts, CALL);
    expect(prompts).toHaveLength(20);
  },
);

test("the next request may come as soon as the last event does", async () => {
  const { openai, prompts } = server(CALL);
  const stream = await openai.responses.create({ ...request, input: [user], stream: true });
  for await (const event of stream) {
    if (event.type !== "response.completed") continue;
    const { id, output } = event.response;
    await openai.responses.create({
      ...request,
      input: results(output),
      previous_response_id: id,
    });
  }
  expectContinued(prompts, CALL);
  expect(prompts).toHaveLength(2);
});

test("item references are the items", async () => {
  const { openai, prompts } = server(CALL);
  const { output } = await openai.responses.create({ ...request, input: [user] });
  const references = output.map(({ id = "" }) => ({ type: "item_reference" as const, id }));
  const input = [user, ...references, ...results(output)];
  await openai.responses.create({ ...request, input });
  expectContinued(prompts, CALL);
});

test("a call whose name no header can hold comes back as one that can be sent again", async () => {
  const nameless = "<|channel|>commentary to=functions. <|constrain|>json<|message|>{}<|call|>";
  const { openai, prompts } = server(nameless);
  const first = await openai.responses.create({ ...request, input: [user] });
  expect(first.output).toMatchObject([{ type: "function_call", name: "functions." }]);
  const input = results(first.output);
  await openai.responses.create({ ...request, input, previous_response_id: first.id });
  expectContinued(prompts, nameless);
  expect(prompts).toHaveLength(2);
});

test("a response is retrieved, listed and deleted", async () => {
  const { openai } = server(ANSWER);
  const first = await openai.responses.create({ ...request, input: "Oslo?" });
  const second = await openai.responses.create({
    ...request,
    input: "And Rome?",
    previous_response_id: first.id,
  });
  expect(await openai.responses.retrieve(second.id)).toMatchObject({
    id: second.id,
    output_text: "Cold.",
    previous_response_id: first.id,
  });
  const listed = [];
  for await (const item of openai.responses.inputItems.list(second.id, { limit: 2 })) {
    listed.push(item);
  }
  expect(listed).toMatchObject([
    { content: "And Rome?" },
    { type: "message", content: [{ text: "Cold." }] },
    { type: "reasoning" },
    { content: "Oslo?" },
  ]);
  expect(new Set(listed.map(({ id }) => id)).size).toBe(4);
  await openai.responses.delete(first.id);
  await expect(openai.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  await expect(openai.responses.delete(first.id)).rejects.toMatchObject({ status: 404 });
  const continued = { ...request, input: "So?", previous_response_id: second.id };
  await expect(openai.responses.create(continued)).rejects.toMatchObject({
    status: 400,
    code: "previous_response_not_found",
    param: "previous_response_id",
    message: expect.stringContaining(first.id),
  });
});

test("store: false stores nothing, and its ids are still continued", async () => {
  const put: string[] = [];
  const store: ResponseStore = {
    put: ({ id }) => void put.push(id),
    find: () => undefined,
    delete: () => false,
  };
  const { openai, prompts } = server(CALL, { store });
  const answer = await openai.responses.create({ ...request, input: [user], store: false });
  await expect(openai.responses.retrieve(answer.id)).rejects.toMatchObject({ status: 404 });
  const reference = { type: "item_reference" as const, id: answer.output[0]?.id ?? "" };
  await expect(
    openai.responses.create({ ...request, input: [user, reference] }),
  ).rejects.toMatchObject({ status: 404, param: "input[1].id" });
  const output = answer.output.filter((item) => item.type !== "function_call");
  await openai.responses.create({
    ...request,
    store: false,
    // @ts-expect-error Output items are input items, some of whose types differ.
    input: [user, ...answer.output, ...results(answer.output)],
  });
  expect(output).toHaveLength(2);
  expectContinued(prompts, CALL);
  expect(put).toEqual([]);
});

test("a path in an error is one of the request, whatever comes before it", async () => {
  const { openai } = server(ANSWER);
  const { id } = await openai.responses.create({ ...request, input: [user] });
  const bad = { type: "message" as const, role: "user" as const, content: 7 };
  await expect(
    // @ts-expect-error A number is no content.
    openai.responses.create({ ...request, input: [user, bad], previous_response_id: id }),
  ).rejects.toMatchObject({ status: 400, param: "input[1].content" });
});

test("instructions are not inherited", async () => {
  const { openai, prompts } = server(ANSWER);
  const first = { ...request, input: "Hi", instructions: "Rhyme." };
  const { id } = await openai.responses.create(first);
  await openai.responses.create({ ...request, input: "And?", previous_response_id: id });
  const texts = prompts.map((prompt) => encoding.decode(prompt).includes("Rhyme."));
  expect(texts).toEqual([true, false]);
});

test("nobody retrieves, continues, refers to or deletes a response of another key", async () => {
  const { client } = server(ANSWER, { apiKeys: ["one", "two"] });
  const { id, output } = await client("one").responses.create({ ...request, input: "Hi" });
  const other = client("two").responses;
  const reference = { type: "item_reference" as const, id: output[0]?.id ?? "" };
  await expect(other.retrieve(id)).rejects.toMatchObject({ status: 404 });
  await expect(other.delete(id)).rejects.toMatchObject({ status: 404 });
  await expect(
    other.create({ ...request, input: "And?", previous_response_id: id }),
  ).rejects.toMatchObject({ status: 400 });
  await expect(other.create({ ...request, input: [reference] })).rejects.toMatchObject({
    status: 404,
  });
  expect(await client("one").responses.retrieve(id)).toMatchObject({ id });
});

test("a conversation of stored responses is no longer than a body may be", async () => {
  const { openai } = server(ANSWER, { limits: { bodyBytes: 4_000 } });
  const input = "x".repeat(1_500);
  let previous: string | null = null;
  const next = async () => {
    const answer: OpenAI.Responses.Response = await openai.responses.create({
      ...request,
      input,
      previous_response_id: previous,
    });
    previous = answer.id;
  };
  await next();
  await next();
  await expect(next()).rejects.toMatchObject({ status: 413, param: "previous_response_id" });
});

test("an answer that cannot be stored arrives and says so", async () => {
  const store: ResponseStore = {
    delete: () => false,
    find: () => undefined,
    put: () => {
      throw new Error("disk full");
    },
  };
  const { openai, events } = server(ANSWER, { store });
  const answer = await openai.responses.create({ ...request, input: "Hi" });
  expect(answer).toMatchObject({ output_text: "Cold.", store: false });
  const stream = await openai.responses.create({ ...request, input: "Hi", stream: true });
  expect(await last(stream)).toMatchObject({
    type: "response.completed",
    response: { store: false },
  });
  const failed = { type: "completed", storeError: expect.objectContaining({}) };
  expect(events).toMatchObject([failed, failed]);
});

test("encrypted_content: twenty turns of a client that keeps everything itself, each on another server", async () => {
  const all: Uint32Array[] = [];
  const input: Item[] = [user];
  for (let turn = 0; turn < 20; turn += 1) {
    const { openai, prompts } = server(CALL, { encryptionKey: key });
    const { output } = await openai.responses.create({ ...sealing, input });
    all.push(...prompts);
    const sent = output.map((item) =>
      item.type === "reasoning"
        ? { ...item, id: "", summary: [], content: null }
        : { ...item, id: "" },
    );
    // @ts-expect-error Output items are input items, some of whose types differ.
    input.push(...sent, ...results(output, turn));
  }
  expectContinued(all, CALL);
  expect(all).toHaveLength(20);
});

test("encrypted_content: a streamed item leads back to its thought, the streamed response to the ids", async () => {
  const { openai } = server(CALL, { encryptionKey: key });
  const stream = await openai.responses.create({ ...sealing, input: [user], stream: true });
  const items: object[] = [];
  let whole: OpenAI.Responses.Response | undefined;
  for await (const event of stream) {
    if (event.type === "response.output_item.done") items.push(event.item);
    if (event.type === "response.completed") whole = event.response;
  }
  const promptAfter = async (output: readonly object[]) => {
    const other = server(CALL, { encryptionKey: key });
    const sent = output.map((item) =>
      "encrypted_content" in item ? { ...item, content: null } : item,
    );
    const input = [user, ...sent, ...results(whole?.output ?? [])];
    // @ts-expect-error Output items are input items, some of whose types differ.
    await other.openai.responses.create({ ...sealing, input });
    return encoding.decode(other.prompts[0] ?? []);
  };
  expect(await promptAfter(items)).toContain("<|channel|>analysis<|message|>Two cities.<|end|>");
  expect(await promptAfter(whole?.output ?? [])).toContain(CALL);
});

test("encrypted_content: it is only there when it is asked for", async () => {
  const { openai } = server(CALL);
  const { output } = await openai.responses.create({ ...request, input: [user] });
  expect(JSON.stringify(output)).not.toContain("encrypted_content");
});

/** One turn of the client "one", as its reasoning item. */
async function made(options: object = {}) {
  const { client } = server(CALL, { apiKeys: ["one", "two"], encryptionKey: key, ...options });
  const { output } = await client("one").responses.create({ ...sealing, input: [user] });
  const found = output.find((item) => item.type === "reasoning");
  if (!found) throw new Error("no thought");
  return { ...found, content: [] };
}

async function sentAs(apiKey: string, item: Item) {
  const { client, prompts } = server(CALL, { apiKeys: ["one", "two"], encryptionKey: key });
  const input = [user, item, { ...user, content: "And?" }];
  await client(apiKey).responses.create({ ...sealing, input });
  return encoding.decode(prompts[0] ?? []);
}

const refused = {
  status: 400,
  code: "invalid_encrypted_content",
  param: "input[1].encrypted_content",
  message: expect.stringContaining("cannot be verified"),
};

test("encrypted_content, stolen: it is of no use to another client", async () => {
  const item = await made();
  expect(await sentAs("one", item)).toContain("And?");
  await expect(sentAs("two", item)).rejects.toMatchObject(refused);
});

test("encrypted_content, forged: a changed one is refused", async () => {
  const item = await made();
  const text = item.encrypted_content ?? "";
  for (const at of [0, 5, 40, text.length - 1]) {
    const changed = text.slice(0, at) + (text[at] === "A" ? "Q" : "A") + text.slice(at + 1);
    await expect(sentAs("one", { ...item, encrypted_content: changed })).rejects.toMatchObject(
      refused,
    );
  }
});

test("encrypted_content, foreign: one of another server or another key is refused", async () => {
  const item = await made({ encryptionKey: `${key}!` });
  await expect(sentAs("one", item)).rejects.toMatchObject(refused);
  const theirs = { ...item, encrypted_content: "gAAAAABpJxyz" };
  await expect(sentAs("one", theirs)).rejects.toMatchObject(refused);
});

test("encrypted_content, moved: under another turn its ids are not used, and it never speaks for another role", async () => {
  const item = await made();
  const text = await sentAs("one", item);
  expect(text).not.toContain("Let me look.");
  expect(text).not.toContain("functions.weather <|constrain|>");
  expect(text.match(/<\|start\|>user/g)).toHaveLength(2);
});
