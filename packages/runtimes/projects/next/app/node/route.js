import * as harmony from "harmony-wasm";

export const dynamic = "force-dynamic";

export async function GET() {
  const { report } = await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ process.env.SUITE
  );
  return Response.json(await report(harmony));
}
