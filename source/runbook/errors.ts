/**
 * The one family of errors the tool raises on purpose. Each says what happened in one line and what to do about
 * it in another; anything else that reaches the top of the program is a defect and is reported as one.
 */
export class ToolError extends Error {
  /** What the operator can do next, one line, imperative. */
  readonly next: string;
  /** The exit status the command line ends with when this error reaches it (see README, "Exit statuses"). */
  readonly status: ExitStatus;

  constructor(what: string, next: string, options: { status?: ExitStatus; cause?: unknown } = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.next = next;
    this.status = options.status ?? 1;
  }
}

/** 0 completed, 1 failed, 2 usage or lint, 3 stopped and resumable, 4 locked by another, 130 interrupted. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 130;

/** The command line, a parameter or a runbook file is not usable as given: nothing was started. */
export class UsageError extends ToolError {
  constructor(what: string, next: string, options: { cause?: unknown } = {}) {
    super(what, next, { ...options, status: 2 });
  }
}
