/** The steps of a change record: a table of all, then each with what happened in it. */
import { rewriteTables } from './report-rewrite.ts';
import type { AttemptRecord, ChangeRecord, Entry, StepRecord } from './model.ts';
import type { Page, Tone } from './page.ts';
import { code, say } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import { showDuration } from './time.ts';

/** One row for every step of the plan, in its order. */
export function stepTable(page: Page, { sections }: ChangeRecord): void {
  page.heading(2, say`Steps`, 'steps');
  page.table(
    ['No.', 'Section', 'Step', 'Result', 'Attempts', 'Duration'],
    sections.flatMap(({ title, steps }) =>
      steps.map((step): Phrase[] => [
        [{ step: step.number, text: String(step.number) }],
        [title],
        [step.title],
        step.result,
        step.attempts.length === 0 ? ['–'] : say`${step.attempts.length}`,
        [step.duration === undefined ? '–' : showDuration(step.duration)],
      ]),
    ),
    sections.flatMap(({ steps }) => steps.map(({ status }) => tones[status])),
  );
}

const tones: Readonly<Record<StepRecord['status'], Tone>> = {
  pending: 'quiet',
  ready: 'quiet',
  'already-done': 'quiet',
  confirmed: 'quiet',
  running: 'warn',
  settling: 'warn',
  unknown: 'warn',
  investigated: 'warn',
  warned: 'warn',
  failed: 'bad',
  succeeded: 'good',
  accepted: 'good',
  acknowledged: 'warn',
  attested: 'good',
  skipped: 'warn',
  overridden: 'warn',
  'not-applicable': 'quiet',
};

/** Every step that something happened in, section by section. */
export function details(page: Page, { sections }: ChangeRecord): void {
  page.heading(2, say`Steps in detail`, 'detail');
  page.paragraph(say`All times are UTC. Commands are started directly, without a shell.`);
  for (const { title, steps } of sections) {
    page.heading(3, [title]);
    for (const step of steps) detail(page, step);
  }
}

function detail(page: Page, step: StepRecord): void {
  page.heading(4, say`Step ${step.number}: ${step.title}`, `step-${step.number}`);
  page.bullet(say`Result: ${step.result}`);
  if (step.purpose !== undefined) {
    page.bullet(say`${step.kind === 'manual' ? 'Instruction' : 'Purpose'}: ${step.purpose}`);
  }
  if (step.checks !== undefined) page.bullet(say`Condition checked: ${code(step.checks)}`);
  if (step.irreversible !== undefined) page.bullet(say`Cannot be undone: ${step.irreversible}`);
  happened(page, step.entries);
  if (step.planned !== undefined) {
    page.paragraph(say`Command, not run:`);
    page.fence(step.planned, 'sh');
  }
  const [only] = step.attempts;
  for (const attempt of step.attempts) {
    if (step.attempts.length > 1 || only?.number !== 1) {
      page.heading(5, say`Attempt ${attempt.number}: ${attempt.result}${lasted(attempt.duration)}`);
    }
    happened(page, attempt.entries, attempt.output?.text);
    evidence(page, attempt);
  }
  if (step.rewrite !== undefined) rewriteTables(page, step.rewrite);
}

/** Entries as bullets, then the texts that belong to them, unless the output shows them anyway. */
function happened(page: Page, entries: readonly Entry[], output = ''): void {
  for (const entry of entries) page.entry(entry);
  for (const { detail } of entries) {
    if (detail === undefined || output.includes(detail)) continue;
    page.paragraph(say`What was reported with the failure:`);
    page.fence(detail, 'text');
  }
}

function evidence(
  page: Page,
  { command, exit, commandDuration, outputFile, output, outputAltered }: AttemptRecord,
): void {
  if (command === undefined) return;
  page.paragraph(say`Command:`);
  page.fence(command, 'sh');
  if (exit === undefined) {
    page.paragraph(say`How the command ended is not known to this record.`);
  } else {
    page.paragraph(
      say`${ending(exit)}${commandDuration === undefined ? '' : `, after ${showDuration(commandDuration)}`}.`,
    );
  }
  if (output !== undefined && output.lines > 0) {
    const shown = output.leftOut === 0 ? '' : ` of which ${output.leftOut} in the middle are left out here`;
    page.output(say`Output, ${output.lines} ${output.lines === 1 ? 'line' : 'lines'}${shown}:`, output.text);
  }
  if (outputAltered) {
    page.paragraph(
      say`The output that was kept is missing or was altered after the command had ended; it is left out here.`,
    );
  }
  page.paragraph(kept(exit, output, outputFile));
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
  const lost =
    exit.outputLost === undefined || exit.outputLost === 0
      ? ''
      : ` Another ${exit.outputLost} bytes it wrote could not be kept.`;
  if (exit.outputBytes === 0)
    return lost === '' ? say`The command wrote nothing.` : say`None of its output is kept.${lost}`;
  const whole = say`kept in the run's directory as ${code(file)}: ${exit.outputBytes} bytes, SHA-256 ${code(exit.outputSha256)}.${lost}`;
  return output === undefined
    ? say`The output is not shown here. It was ${whole}`
    : say`${lost === '' ? 'The whole output' : 'What there is of the output'} is ${whole}`;
}

function lasted(duration: number | undefined): string {
  return duration === undefined ? '' : `, ${showDuration(duration)}`;
}
