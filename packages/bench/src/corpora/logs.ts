/**
 * Lines as servers log them: a time, a level, a module, a path of a real file, a
 * status, a duration, an address and a request's id. Programs write logs from
 * templates, so these are written from templates too.
 */

import type { Random } from "./random.ts";
import { packages } from "./sources.ts";

const DOCUMENTS = 240;
const LINES = 60;
const LEVELS = ["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"];
const METHODS = ["GET", "GET", "POST", "PUT", "DELETE"];
const START = Date.UTC(2026, 0, 1);
const SECONDS_A_YEAR = 365 * 24 * 3600;

/** Documents of log lines. */
export function logs(random: Random): string[] {
  const paths = packages().flatMap(({ files }) => files);
  return Array.from({ length: DOCUMENTS }, () =>
    Array.from({ length: LINES }, () => line(random, paths)).join("\n"),
  );
}

function line(random: Random, paths: string[]): string {
  const of = (choices: string[]) => choices[random(choices.length)] ?? "";
  const time = new Date(START + random(SECONDS_A_YEAR) * 1000 + random(1000)).toISOString();
  const path = of(paths);
  const module = path.split("/")[0]?.replaceAll(".", "_");
  const address = Array.from({ length: 4 }, () => random(256)).join(".");
  const id = Array.from({ length: 4 }, () => random(0x10000).toString(16)).join("-");
  const head = `${time} ${of(LEVELS).padEnd(5)} [${module}]`;
  switch (random(3)) {
    case 0:
      return `${head} ${address} "${of(METHODS)} /${path} HTTP/1.1" ${200 + random(300)} ${random(100_000)} ${random(5000) / 1000}s`;
    case 1:
      return `${head} request_id=${id} file=/srv/app/${path} took=${random(5000)}ms retries=${random(4)}`;
    default:
      return `${head}     at Object.<anonymous> (/srv/app/node_modules/${path}:${random(2000)}:${random(80)})`;
  }
}
