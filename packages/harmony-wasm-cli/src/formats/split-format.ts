/**
 * An output with several splits: each has files of its own, in the same format.
 * Together they are one layout, so they are written, resumed and named together.
 */

import type { EncodedBatch, FileBytes, FileLayout, LastBytes, Layout, Written } from "./format.ts";

/** The encoded batches of the splits as one batch; of an output without splits, its only one. */
export function encodedSplits(batches: ReadonlyMap<string, EncodedBatch>): EncodedBatch {
  if (batches.size === 0) return { parts: [] };
  const whole = batches.get("");
  if (whole) return whole;
  const parts: FileBytes[] = [];
  const meta: Record<string, unknown> = {};
  for (const [split, batch] of batches) {
    parts.push(...batch.parts.map(({ file, bytes }) => ({ file: fileOf(split, file), bytes })));
    meta[split] = batch.meta ?? null;
  }
  return { parts, meta };
}

/** Whether a batch has encoded rows of a split. */
export function hasSplit({ parts }: EncodedBatch, split: string): boolean {
  return split === ""
    ? parts.length > 0
    : parts.some(({ file }) => file.startsWith(fileOf(split, "")));
}

/** The layouts of the splits as one layout; the files of the first come first. */
export function splitLayout(
  layouts: ReadonlyMap<string, Layout>,
): FileLayout & Pick<Layout, "encoders"> {
  const files = [...layouts].flatMap(([split, layout]) =>
    layout.files.map(({ file, path }) => ({ file: fileOf(split, file), path })),
  );
  const heads = [...layouts].flatMap(([split, layout]) =>
    layout.heads.map(({ file, bytes }) => ({ file: fileOf(split, file), bytes })),
  );
  async function* finish(written: Written): AsyncGenerator<LastBytes> {
    for (const [split, layout] of layouts) {
      for await (const last of layout.finish(writtenOf(split, written))) {
        yield { ...last, file: fileOf(split, last.file) };
      }
    }
  }
  const encoders = new Map(
    [...layouts].flatMap(([split, layout]) =>
      [...layout.encoders.values()].map((encode) => [split, encode] as const),
    ),
  );
  return { files, heads, finish, encoders };
}

/** The bytes of one split: the batches in which it has rows. */
function writtenOf(split: string, written: Written): Written {
  return {
    async *batches() {
      for await (const { meta, starts } of written.batches()) {
        const own: Record<string, unknown> = Object(meta);
        if (!Object.hasOwn(own, split)) continue;
        yield { meta: own[split] ?? undefined, starts: ownStarts(split, starts) };
      }
    },
    lengthOf: (file) => written.lengthOf(fileOf(split, file)),
    read: (file) => written.read(fileOf(split, file)),
  };
}

function ownStarts(split: string, starts: Readonly<Record<string, number>>) {
  const prefix = fileOf(split, "");
  return Object.fromEntries(
    Object.entries(starts)
      .filter(([file]) => file.startsWith(prefix))
      .map(([file, start]) => [file.slice(prefix.length), start]),
  );
}

/** The names of splits have no point, so no prefix is the beginning of another. */
function fileOf(split: string, file: string): string {
  return `${split}.${file}`;
}
