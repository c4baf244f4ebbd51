/** A peer: a name, and a way to load it as its own README shows. */

/** Text to o200k ids, nothing in it special. */
export interface Encoder {
  encode(text: string): ArrayLike<number>;
}

/** An encoder that JavaScript can load. */
export interface Peer {
  /** Its name in the registry. */
  name: string;
  /** Imports, instantiates and builds everything it needs; nothing is imported before. */
  load(): Promise<Encoder>;
  /** Files that it reads besides the modules it imports, as import specifiers or URLs. */
  assets?: string[];
}
