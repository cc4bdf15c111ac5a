/** Thrown to end a stand-in: what goes to standard error, and the exit status. */
export class Ended extends Error {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(text);
    this.name = 'Ended';
    this.status = status;
    this.text = text === '' ? '' : `${text}\n`;
  }
}

/** An end with az's `ERROR:` before the text. */
export function azError(text: string, status = 1): Ended {
  return new Ended(status, `ERROR: ${text}`);
}
