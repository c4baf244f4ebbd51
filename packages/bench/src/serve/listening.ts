/** Starts a server of a measurement, which prints its address for the process that started it. */

import { once } from "node:events";
import type { Server } from "node:http";

/** Listens on a free port of this machine. */
export async function listening(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  console.log(JSON.stringify({ msg: "listening", url: `http://127.0.0.1:${port}` }));
}
