/** The client of a measurement: reads streams and counts their events, and does as little else as it can. */

import { Agent, request } from "node:http";

/** A request that every stream sends. */
export interface Asked {
  url: string;
  body: string;
  /** What the first event of the answer's text has in it. */
  sign: string;
}

/** A connection for each stream: one that a server has just closed would be an error of the measurement. */
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

/** How a stream went. */
export interface Streamed {
  events: number;
  /** Milliseconds to the first event of the text. */
  firstMs: number;
}

/** Reads one stream to its end. */
export function streamed({ url, body, sign }: Asked): Promise<Streamed> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      let events = 0;
      let firstMs = Number.NaN;
      let last = 0;
      response.on("data", (bytes: Buffer) => {
        if (Number.isNaN(firstMs) && bytes.includes(sign)) firstMs = performance.now() - started;
        events += endsIn(bytes, last);
        last = bytes[bytes.length - 1] ?? 0;
      });
      response.on("end", () => resolve({ events, firstMs }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.setHeader("content-type", "application/json");
    sent.end(body);
  });
}

const NEWLINE = 10;

/** How many events end in the bytes: two newlines, of which the first may have come before. */
function endsIn(bytes: Buffer, last: number): number {
  let count = last === NEWLINE && bytes[0] === NEWLINE ? 1 : 0;
  for (let at = bytes.indexOf("\n\n"); at >= 0; at = bytes.indexOf("\n\n", at + 2)) count += 1;
  return count;
}
