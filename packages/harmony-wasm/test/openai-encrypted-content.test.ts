import type OpenAI from "openai";
import { expect, test } from "vitest";
import {
  CALL,
  encoding,
  expectContinued,
  type Item,
  key,
  request,
  results,
  sealing,
  server,
  user,
} from "./keeping-server.ts";

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
