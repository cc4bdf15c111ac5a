import { clean } from '../engine/clean.ts';
import { redact } from '../engine/redaction.ts';
import { ToolError } from '../runbook/errors.ts';
import type { ExitStatus } from '../runbook/errors.ts';

/** Prints a line for the operator or the program that reads us, without what a terminal would act on. */
export function print(line = ''): void {
  process.stdout.write(`${clean(line)}\n`);
}

/** Prints a value as JSON, for programs. What a terminal would act on is written as JSON escapes. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value, undefined, 2);
  process.stdout.write(`${text.replaceAll(/[\u007F-\u009F\p{Cf}\u2028\u2029]/gu, escaped)}\n`);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Says something on standard error. It may quote what was typed or what came from elsewhere. */
export function say(text: string): void {
  process.stderr.write(redact(clean(text)));
}

/** Says what went wrong and what to do, on standard error, and returns the exit status it means. */
export function printError(error: unknown): ExitStatus {
  if (error instanceof ToolError) {
    say(`error: ${error.message}\n${error.next}\n`);
    return error.status;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`error: this is a defect of aks-kms-runbook; what a run has recorded is safe\n${text}\n`);
  return 1;
}

let lastWaiting: string | undefined;

/** Says on standard error that Azure makes us wait, while it does. */
export function sayWaiting(text: string): void {
  // Many requests may meet the same at once.
  if (text === lastWaiting) return;
  lastWaiting = text;
  say(`… ${text}\n`);
}

/** Columns to wrap text at: the terminal's, or a readable width where there is none. */
export function textWidth(): number {
  return Math.min(process.stdout.columns ?? 100, 120);
}

/** Whether somebody sits at a terminal on both ends, and can be asked line by line. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Whether that terminal can show the screen. */
export function isInteractive(): boolean {
  return hasTerminal() && process.env['TERM'] !== 'dumb';
}
