import * as harmony from "harmony-wasm";
import { report } from "./suite.mjs";

export default {
  async fetch() {
    return Response.json(await report(harmony));
  },
};
