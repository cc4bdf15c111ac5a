/** The steps of a change record as Markdown: a table of all, then each with what happened in it. */
import { rewriteTables } from './markdown-rewrite.ts';
import type { Writer } from './markdown-writer.ts';
import type { AttemptRecord, ChangeRecord, Entry, StepRecord } from './model.ts';
import { code, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { showDuration } from './time.ts';

/** One row for every step of the plan, in its order. */
export function stepTable(out: Writer, { sections }: ChangeRecord): void {
  out.heading(2, say`Steps`);
  out.table(
    ['No.', 'Section', 'Step', 'Result', 'Attempts', 'Duration'],
    sections.flatMap(({ title, steps }) =>
      steps.map((step): Phrase[] => [
        say`${step.number}`,
        [title],
        [step.title],
        step.result,
        step.attempts.length === 0 ? ['–'] : say`${step.attempts.length}`,
        [step.duration === undefined ? '–' : showDuration(step.duration)],
      ]),
    ),
  );
}

/** Every step that something happened in, section by section. */
export function details(out: Writer, { sections }: ChangeRecord): void {
  out.heading(2, say`Steps in detail`);
  out.paragraph(say`All times are UTC. Commands are started directly, without a shell.`);
  for (const { title, steps } of sections) {
    out.heading(3, [title]);
    for (const step of steps) detail(out, step);
  }
}

function detail(out: Writer, step: StepRecord): void {
  out.heading(4, say`Step ${step.number}: ${step.title}`);
  out.bullet(say`Result: ${step.result}`);
  if (step.purpose !== undefined) {
    out.bullet(say`${step.kind === 'manual' ? 'Instruction' : 'Purpose'}: ${step.purpose}`);
  }
  if (step.checks !== undefined) out.bullet(say`Checks: ${code(step.checks)}`);
  if (step.irreversible !== undefined) out.bullet(say`Cannot be undone: ${step.irreversible}`);
  happened(out, step.entries);
  if (step.planned !== undefined) {
    out.paragraph(say`Command, not run:`);
    out.fence(step.planned, 'sh');
  }
  const [only] = step.attempts;
  for (const attempt of step.attempts) {
    if (step.attempts.length > 1 || only?.number !== 1) {
      out.heading(5, say`Attempt ${attempt.number}: ${attempt.result}${lasted(attempt.duration)}`);
    }
    happened(out, attempt.entries, attempt.output?.text);
    evidence(out, attempt);
  }
  if (step.rewrite !== undefined) rewriteTables(out, step.rewrite);
}

/** Entries as bullets, then the texts that belong to them, unless the output shows them anyway. */
function happened(out: Writer, entries: readonly Entry[], output = ''): void {
  for (const entry of entries) out.entry(entry);
  for (const { detail } of entries) {
    if (detail === undefined || output.includes(detail)) continue;
    out.paragraph(say`What was reported with the failure:`);
    out.fence(detail, 'text');
  }
}

function evidence(
  out: Writer,
  { command, exit, commandDuration, outputFile, output, outputAltered }: AttemptRecord,
): void {
  if (command === undefined) return;
  out.paragraph(say`Command:`);
  out.fence(command, 'sh');
  if (exit === undefined) {
    out.paragraph(say`How the command ended is not known to this record.`);
  } else {
    out.paragraph(
      say`${ending(exit)}${commandDuration === undefined ? '' : `, after ${showDuration(commandDuration)}`}.`,
    );
  }
  if (output !== undefined && output.lines > 0) {
    const shown = output.leftOut === 0 ? '' : ` of which ${output.leftOut} in the middle are left out here`;
    out.paragraph(say`Output, ${output.lines} ${output.lines === 1 ? 'line' : 'lines'}${shown}:`);
    out.fence(output.text, 'text');
  }
  if (outputAltered) {
    out.paragraph(
      say`The output that was kept is missing or was altered after the command had ended; it is left out here.`,
    );
  }
  out.paragraph(kept(exit, output, outputFile));
}

function ending({ code: status, signal, failure }: NonNullable<AttemptRecord['exit']>): Phrase {
  if (failure !== undefined) return say`The command could not be started`;
  if (signal !== null) return say`Ended by signal ${code(signal)}`;
  return status === null ? say`Exit status not known` : say`Exit status ${status}`;
}

/** Where the whole output is. */
function kept(exit: AttemptRecord['exit'], output: AttemptRecord['output'], file = ''): Phrase {
  if (exit === undefined) {
    return say`Output up to the last record is kept in the run's directory as ${code(file)}.`;
  }
  if (exit.outputBytes === 0) return say`The command wrote nothing.`;
  const whole = say`kept in the run's directory as ${code(file)}: ${exit.outputBytes} bytes, SHA-256 ${code(exit.outputSha256)}`;
  return output === undefined
    ? say`The output is not shown here. It was ${whole}.`
    : say`The whole output is ${whole}.`;
}

function lasted(duration: number | undefined): string {
  return duration === undefined ? '' : `, ${showDuration(duration)}`;
}
