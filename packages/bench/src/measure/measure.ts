/**
 * The speed of a peer, in a process of its own. A process measures one peer in one
 * way and prints flat figures, so that no peer's garbage, caches or compiled code
 * affect another. `starting.ts` measures what loading one costs.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { bytesOf, type Corpora, type CorpusName, smallTexts } from "../corpora/corpora.ts";
import { CORPORA, idsFile } from "../paths.ts";
import type { Encoder, Peer } from "../peers/peer.ts";
import { seconds, settle } from "./timing.ts";

/** The figures of one process, by name. */
export type Figures = Record<string, number>;

const WARM_PASSES = 6;
/** Slow peers get fewer passes; their best comes early. */
const WARM_SECONDS = 2;
const SMALL_TEXTS = 10_000;

/** MB/s: cold on words never seen, then the best of several passes over the same text. */
export async function encode(peer: Peer, id: string, corpus: CorpusName): Promise<Figures> {
  const { warmUp, measured } = readCorpora().texts[corpus];
  const encoder = await peer.load();
  settle(() => encodeAll(encoder, warmUp));
  const cold = seconds(() => encodeAll(encoder, measured));
  let warm = cold;
  let spent = 0;
  for (let pass = 0; pass < WARM_PASSES && spent < WARM_SECONDS; pass += 1) {
    const took = seconds(() => encodeAll(encoder, measured));
    warm = Math.min(warm, took);
    spent += took;
  }
  const ids = measured.map((text) => Array.from(encoder.encode(text)));
  writeFileSync(idsFile(id, corpus), JSON.stringify(ids));
  const megabytes = bytesOf(measured) / 1e6;
  return { [`${corpus} cold`]: megabytes / cold, [`${corpus} warm`]: megabytes / warm };
}

/** Microseconds for 40 characters, each time different ones. */
export async function small(peer: Peer): Promise<Figures> {
  const { warmUp, measured } = readCorpora().texts.documentation;
  const encoder = await peer.load();
  const texts = smallTexts(measured).slice(0, SMALL_TEXTS);
  const others = smallTexts(warmUp).slice(0, SMALL_TEXTS);
  settle(() => encodeAll(encoder, others));
  let best = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < WARM_PASSES; pass += 1) {
    best = Math.min(
      best,
      seconds(() => encodeAll(encoder, texts)),
    );
  }
  return { small: (best / texts.length) * 1e6 };
}

function encodeAll(encoder: Encoder, texts: string[]): void {
  for (const text of texts) encoder.encode(text);
}

function readCorpora(): Corpora {
  return JSON.parse(readFileSync(CORPORA, "utf8"));
}
