/** What `render` was asked for, checked: plain data, so that workers get it too. */

import type { ColumnName } from "../columns/names.ts";

/** The shapes in which conversations come. */
export const SHAPES = ["harmony", "chat"] as const;
/** One of {@link SHAPES}. */
export type Shape = (typeof SHAPES)[number];

/** What a rendering is for: upstream's three renders of a conversation. */
export const PURPOSES = ["conversation", "completion", "training"] as const;
/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** How a conversation becomes samples. It stands in the file's metadata. */
export interface SampleOptions {
  shape: Shape;
  for: Purpose;
}

/** How a batch of rows becomes a batch of columns. */
export interface RenderOptions {
  samples: SampleOptions;
  columns: readonly ColumnName[];
}
