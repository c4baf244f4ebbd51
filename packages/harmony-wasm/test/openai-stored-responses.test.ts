import type { ResponseStore } from "harmony-wasm/openai";
import type OpenAI from "openai";
import { expect, test } from "vitest";
import {
  ANSWER,
  CALL,
  encoding,
  expectContinued,
  type Item,
  last,
  request,
  results,
  server,
  user,
} from "./keeping-server.ts";

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
    { content: [{ type: "input_text", text: "And Rome?" }] },
    { type: "message", content: [{ text: "Cold." }] },
    { type: "reasoning" },
    { content: [{ type: "input_text", text: "Oslo?" }] },
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

test("a page after an unknown item is an error, not the first page again", async () => {
  const { openai } = server(ANSWER);
  const { id } = await openai.responses.create({ ...request, input: "Oslo?" });
  const { inputItems } = openai.responses;
  const [item] = (await inputItems.list(id)).data;
  expect((await inputItems.list(id, { after: item?.id ?? "" })).data).toEqual([]);
  for (const [param, value] of [
    ["after", "item_of_another_response"],
    ["order", "ascending"],
    ["limit", "1.5"],
    ["limit", "0"],
    ["limit", "many"],
  ] as const) {
    const wrong = inputItems.list(id, {}, { query: { [param]: value } });
    const message = expect.stringContaining(`got "${value}"`);
    await expect(wrong).rejects.toMatchObject({ status: 400, param, message });
  }
});

test("input items are listed in the API's shape, however the request wrote them", async () => {
  const { openai } = server(ANSWER);
  const input = [
    user,
    { role: "assistant" as const, content: "Hm?" },
    { type: "function_call" as const, call_id: "c", name: "weather", arguments: "{}" },
    { type: "function_call_output" as const, id: null, call_id: "c", output: "cold" },
  ];
  const { id } = await openai.responses.create({ ...request, input });
  const { data } = await openai.responses.inputItems.list(id, { order: "asc" });
  const status = "completed";
  expect(data).toEqual([
    { id: expect.any(String), type: "message", status, role: "user", content: expect.any(Array) },
    {
      ...{ id: expect.any(String), type: "message", status, role: "assistant" },
      content: [{ type: "output_text", text: "Hm?", annotations: [], logprobs: [] }],
    },
    { ...input[2], id: expect.any(String), status },
    { ...input[3], id: expect.any(String), status },
  ]);
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
    // @ts-expect-error A number is not content.
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
