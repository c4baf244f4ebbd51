/** The two shapes that a row's conversation can have. */

/** harmony's own JSON, and the messages of Chat Completions. */
export const SHAPES = ["harmony", "chat"] as const;
/** One of {@link SHAPES}. */
export type Shape = (typeof SHAPES)[number];
