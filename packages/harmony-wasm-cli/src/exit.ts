/** The exit codes of the program, and the errors that end it. */

/** The exit codes. README.md has the same table. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  rowsRejected: 3,
  different: 4,
  interrupted: 130,
} as const;

/** A failure that the user can act on: reported in one line, without a stack trace. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A usage error. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/** The reader of stdout closed the pipe, as `head` does: the program ends quietly, with 0. */
export class ReaderGone extends CommandError {
  constructor() {
    super("the reader of stdout closed the pipe", EXIT.done);
  }
}
