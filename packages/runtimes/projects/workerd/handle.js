import * as harmony from "harmony-wasm";
import * as aiSdk from "harmony-wasm/ai-sdk";
import * as openai from "harmony-wasm/openai";
import { report } from "./handler.mjs";

export default {
  async fetch() {
    return Response.json(await report(harmony, { openai, aiSdk }));
  },
};
