import * as harmony from "harmony-wasm";
import { report } from "../../suite.mjs";

export const runtime = "edge";

export async function GET() {
  return Response.json(await report(harmony));
}
