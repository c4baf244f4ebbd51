/**
 * Output in parts of a fixed size. Parts are written one after another; a complete
 * part is published while the next one is written. Where a part ends depends on
 * the batches alone, so the bytes do not depend on the workers or on a kill.
 */

import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Layout } from "../formats/format.ts";
import { addedCounts, type Counts, NO_COUNTS } from "../rows/counts.ts";
import { type Position, START } from "../rows/position.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { type PartPlan, PartWriter } from "../sinks/part-writer.ts";
import type { DoneBatch, Progressed, Sink } from "../sinks/sink.ts";
import { encodedBytesOf } from "../sinks/split-queue.ts";
import type { Destination, Lock } from "../storage/destination.ts";
import type { Share } from "../storage/share.ts";
import { manifestName, partName } from "./names.ts";
import { recordOf } from "./part-record.ts";
import type { PartRecord, PartsLog } from "./parts-log.ts";
import type { ShardSize } from "./shard-size.ts";

/** An output folder, and how it is cut into parts. */
export interface ShardTarget {
  destination: Destination;
  share: Share | undefined;
  size: ShardSize;
  /** The names of the splits, each a folder; none without `--split`. */
  splits: readonly string[];
  /** The files of a part whose main file has this name, without the extension. */
  layoutOf: (part: string) => Layout;
  /** The text of the manifest; called when every part is published. */
  manifestOf: (parts: readonly PartRecord[], run: RunIdentity) => Promise<string>;
}

/** The part that is being written. */
interface OpenPart {
  plan: PartPlan;
  writer: PartWriter;
  counts: Counts;
  /** Where the input continues after its last batch. */
  end: Position;
}

/** Parts in a folder, and a manifest that is written last. */
export class ShardSink implements Sink {
  readonly #target: ShardTarget;
  readonly #work: string;
  readonly #log: PartsLog;
  readonly #lock: Lock;
  #part: OpenPart | undefined;
  #publishing: Promise<void> = Promise.resolve();
  readonly resumed: Progressed | undefined;

  private constructor(
    target: ShardTarget,
    work: string,
    log: PartsLog,
    lock: Lock,
    part?: OpenPart,
  ) {
    this.#target = target;
    this.#work = work;
    this.#log = log;
    this.#lock = lock;
    this.#part = part;
    this.resumed = this.#progressed();
  }

  /** Continues after the finished parts of `log`, in the part that was being written. */
  static async open(
    target: ShardTarget,
    work: string,
    log: PartsLog,
    lock: Lock,
  ): Promise<ShardSink> {
    const plan = planOf(target, work, log.parts.length);
    const writer = await PartWriter.resume(plan);
    const { resumed } = writer ?? {};
    const start = log.parts.at(-1)?.end ?? START;
    const part = writer && {
      plan,
      writer,
      counts: resumed?.counts ?? NO_COUNTS,
      end: resumed ? positionOf(resumed) : start,
    };
    const sink = new ShardSink(target, work, log, lock, part);
    for (const record of log.parts) await sink.#publish(record);
    return sink;
  }

  /** Parts are complete one by one, the run only when its manifest is there. */
  readonly isComplete = false;

  get folder(): string {
    return this.#work;
  }

  async add(done: DoneBatch, progressed: Progressed): Promise<void> {
    if (this.#part && this.#isFull(this.#part, done)) await this.#endPart(this.#part);
    this.#part ??= await this.#newPart();
    const part = this.#part;
    part.counts = addedCounts(part.counts, done.counts);
    part.end = positionOf(progressed);
    await part.writer.add(done, { ...part.end, counts: part.counts });
  }

  async finish(): Promise<void> {
    if (this.#log.parts.length === 0) this.#part ??= await this.#newPart();
    if (this.#part) await this.#endPart(this.#part);
    await this.#publishing;
    const { destination, share, manifestOf } = this.#target;
    await destination.confirm();
    const local = join(this.#work, "manifest.json");
    await writeFile(local, await manifestOf(this.#log.parts, this.#log.run));
    await destination.publish(local, manifestName(share));
    await this.#log.close();
    await rm(this.#work, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#publishing.catch(() => {}); // The failure was reported by finish or add.
    await this.#part?.writer.close();
    await this.#log.close();
    this.#lock.release();
  }

  #progressed(): Progressed | undefined {
    const end = this.#part?.end ?? this.#log.parts.at(-1)?.end;
    if (!end) return undefined;
    const finished = this.#log.parts.reduce(
      (sum, { counts }) => addedCounts(sum, counts),
      NO_COUNTS,
    );
    return { ...end, counts: addedCounts(finished, this.#part?.counts ?? NO_COUNTS) };
  }

  /** Whether a batch would make a part larger than it may be. */
  #isFull({ writer, counts }: OpenPart, done: DoneBatch): boolean {
    const { unit, most } = this.#target.size;
    if (unit === "rows") return counts.rows > 0 && counts.rows + done.counts.rows > most;
    const encoded = done.parts.reduce((sum, each) => sum + each.bytes.length, 0);
    return counts.rows > 0 && writer.bytes + encoded + encodedBytesOf(done.few) > most;
  }

  async #newPart(): Promise<OpenPart> {
    const plan = planOf(this.#target, this.#work, this.#log.parts.length);
    const writer = await PartWriter.create(plan, this.#log.run);
    const end = this.#log.parts.at(-1)?.end ?? START;
    return { plan, writer, counts: NO_COUNTS, end };
  }

  /** Completes a part. From its line in the log on, it only has to be published. */
  async #endPart({ plan, writer, counts, end }: OpenPart): Promise<void> {
    await writer.complete();
    const number = this.#log.parts.length;
    const part = partName(this.#target.share, number);
    const record = await recordOf({ plan, part, number, writer, counts, end });
    await this.#publishing; // Of the part before: at most one is under way.
    await this.#log.add(record);
    this.#part = undefined;
    this.#publishing = this.#publish(record);
    this.#publishing.catch(() => {}); // Reported when it is awaited.
  }

  /** The main file comes last: when it exists, all do. */
  async #publish({ number, files, rejected }: PartRecord): Promise<void> {
    const folder = join(this.#work, String(number));
    if (!existsSync(folder)) return;
    const { destination } = this.#target;
    for (const { file, path } of [...(rejected ? [rejected] : []), ...files.toReversed()]) {
      await destination.publish(join(folder, file), path);
    }
    await rm(folder, { recursive: true, force: true });
  }
}

function planOf(
  { layoutOf, share, destination }: ShardTarget,
  work: string,
  number: number,
): PartPlan {
  const layout = layoutOf(partName(share, number));
  return { folder: join(work, String(number)), name: destination.name, layout };
}

function positionOf({ counts: _counts, ...position }: Progressed): Position {
  return position;
}
