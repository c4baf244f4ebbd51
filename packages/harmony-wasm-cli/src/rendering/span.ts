/** Where a message lies in the rendered ids, as harmony-wasm answers it. */

/** Half-open token positions; field names are upstream's manner. */
export interface MessageSpan {
  message: number;
  role: string;
  channel?: string;
  recipient?: string;
  start: number;
  content_start: number;
  content_end: number;
  end: number;
}
