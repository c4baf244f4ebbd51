// Lies beside the built server, which it asks once.
import { createServer } from "node:http";
import { listener } from "./server/index.mjs";

const server = createServer(listener);
server.listen(0, "127.0.0.1", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  console.log(await answer.text());
  server.close();
});
