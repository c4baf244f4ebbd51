/**
 * The folder in which a run's finished files appear, wherever it is. A run writes
 * each file in a local folder first; a finished file is then published under its
 * final name, so that no reader ever sees half of one.
 */

/** Excludes other runs while it is held. */
export interface Lock {
  release: () => void;
}

/** A folder of finished files. */
export interface Destination {
  /** The name in messages. */
  readonly name: string;
  /**
   * The local folder for files that are not finished. Always the same for one
   * destination and one run, so that a run that was killed finds its files.
   */
  workFolder: (run: string) => string;
  /** Excludes other runs of this name; fails at once if there is one. */
  lock: (run: string) => Promise<Lock>;
  /** The names of all files, those in folders as `folder/name`; nothing if it does not exist yet. */
  names: () => Promise<string[]>;
  /** The text of a small file; undefined if it does not exist. */
  read: (name: string) => Promise<string | undefined>;
  /**
   * Moves a finished local file to its final name, and replaces a file that has it.
   * It is called again after a crash: a local file that is gone was published.
   */
  publish: (local: string, name: string) => Promise<void>;
  /** Fails if another run has replaced a file that was published. Called before the manifest is. */
  confirm: () => Promise<void>;
  /** Deletes a file, if it exists. */
  remove: (name: string) => Promise<void>;
}
