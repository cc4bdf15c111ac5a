/** The terminal screen, given what it needs: runs to start, take up and look at. */
import { outputFile, readOutput } from '../journal/output.ts';
import { readJournal } from '../journal/read.ts';
import type { LockHolder } from '../journal/lock.ts';
import { runFiles, stateDirectory } from '../journal/state-directory.ts';
import { currentStep } from '../engine/decide.ts';
import { endText } from '../engine/in-short.ts';
import { OutputBuffer } from '../engine/output.ts';
import { buildPlan, parameterProblem } from '../plan/plan.ts';
import type { Runbook } from '../runbook/model.ts';
import type { ExitStatus, ToolError } from '../runbook/errors.ts';
import { place } from '../renderers/status.ts';
import { wrapProse } from '../renderers/text.ts';
import { runTui } from '../renderers/tui/index.tsx';
import type { RunSummary, TuiApp } from '../renderers/tui/index.tsx';
import { exitStatus, heedSignals, requireAccepted, tellProblems } from './carry-out.ts';
import type { Signals } from './carry-out.ts';
import { withTranscripts } from './locate.ts';
import type { RunOptions } from './options.ts';
import { knownValues } from './parameters.ts';
import { openShippedRunbooks } from './runbook-files.ts';
import { rehearsalChoice } from './rehearsal.ts';
import { isUnfinished, listRuns, workingOn } from './runs.ts';
import type { ListedRun } from './runs.ts';
import type { Session } from './held.ts';
import { print, textWidth } from './terminal.ts';

/** Where the screen opens. */
export type Opening =
  | { kind: 'home' }
  | { kind: 'start'; runbookId: string }
  | { kind: 'run'; session: Session };

/** A runbook the screen offers, and how it was named. */
interface Offered {
  runbook: string;
  loaded: Runbook;
}

/** How much of an earlier output is read to look at. */
const lookBytes = 4_000_000;

/** Opens the screen and stays until the operator leaves. `given` adds runbooks that do not come with the tool. */
export async function openScreen(
  options: RunOptions,
  opening: Opening,
  given: ReadonlyMap<string, Offered> = new Map(),
): Promise<ExitStatus> {
  const rehearsal = options.rehearse === true;
  const directory = await withTranscripts(stateDirectory(options.stateDir, rehearsal), options);
  const offered = new Map<string, Offered>([
    ...(await openShippedRunbooks()).map((loaded): [string, Offered] => [
      loaded.id,
      { runbook: loaded.id, loaded },
    ]),
    ...given,
  ]);
  const desk = new Desk();
  const offer = (id: string): Offered => {
    const found = offered.get(id);
    if (found === undefined) throw new Error(`the screen was not offered the runbook "${id}"`);
    return found;
  };
  const app: TuiApp = {
    rehearsal,
    async home() {
      const runs = await listRuns(directory);
      // Only of a run that has no end in its journal is it not known whether somebody is at it.
      const going = runs.filter(({ state }) => state?.status === 'active');
      const holders = going.length === 0 ? new Map<string, LockHolder>() : await workingOn(directory, going);
      const listed = (run: ListedRun): RunSummary[] => summary(run, holders.get(run.runId));
      return {
        runbooks: [...offered.values()].map(({ loaded }) => choice(loaded, options)),
        unfinished: runs.filter(({ state }) => state !== undefined && isUnfinished(state)).flatMap(listed),
        finished: runs.filter(({ state }) => state !== undefined && !isUnfinished(state)).flatMap(listed),
        unreadable: runs.filter(({ state }) => state === undefined).length,
      };
    },
    async clusters(signal) {
      const { clusterChoices } = await import('./clusters.ts');
      return clusterChoices(options, signal);
    },
    checkParameter(runbookId, name, value) {
      const parameter = offer(runbookId).loaded.parameters.find((candidate) => candidate.name === name);
      return parameter && parameterProblem(parameter, value);
    },
    async startRun(runbookId, parameters, _signal, tell) {
      const { runbook, loaded } = offer(runbookId);
      const plan = buildPlan(loaded, parameters);
      requireAccepted(plan, options);
      const { beginSession } = await import('./session.ts');
      return desk.put(
        await beginSession(
          directory,
          runbook,
          plan,
          rehearsal ? await rehearsalChoice(plan, options) : undefined,
          options,
          tell,
        ),
      );
    },
    async resumeRun(runId, _signal, tell) {
      const { resumeSession } = await import('./session.ts');
      // What was said about the run that is open counts for no other.
      return desk.put(await resumeSession(directory, runId, { ...options, takeOver: undefined }, tell));
    },
    async readRun(runId) {
      const files = runFiles(directory, runId);
      const { state } = await readJournal(files);
      const { recordOf } = await import('./change-record.ts');
      const { reportLines } = await import('../transcript/text-page.ts');
      const report = reportLines(await recordOf(files));
      return { state, report, output: (step, attempt) => lookAt(files, step, attempt) };
    },
    pageOutput: (runId, step, attempt) => pageOutput(runFiles(directory, runId), step, attempt),
    async exportRecord(runId) {
      const { writeRecords } = await import('./change-record.ts');
      return writeRecords(runFiles(directory, runId));
    },
    transcriptPath: (runId) => runFiles(directory, runId).transcript,
    stateDir: directory.stateDir,
    open: opening.kind === 'run' ? { kind: 'run', controller: desk.put(opening.session) } : opening,
  };
  try {
    const result = await runTui(app);
    await desk.clear();
    for (const line of result.summary) {
      // What is to be copied stays in one piece.
      const rows = /^(Transcript|Resume with): /.test(line) ? [line] : wrapProse(line, textWidth());
      for (const row of rows) print(row);
    }
    desk.tell();
    if (result.outcome === 'left') return 0;
    return result.outcome === 'interrupted' || desk.interrupted ? 130 : exitStatus(result.outcome);
  } finally {
    await desk.clear();
  }
}

/** The sessions the screen has opened. Each is closed when its run is over, at the latest when the screen is left. */
class Desk {
  interrupted = false;
  readonly #open = new Set<Promise<void>>();
  readonly #problems: ToolError[] = [];

  put(session: Session): Session['controller'] {
    const { controller } = session;
    // Ctrl-C is a key here; the screen asks what it means.
    const signals = heedSignals(controller, ['SIGTERM', 'SIGHUP']);
    const closing = this.#closeAfter(session, signals);
    this.#open.add(closing);
    return controller;
  }

  async #closeAfter(session: Session, signals: Signals): Promise<void> {
    try {
      await session.controller.finished;
    } catch {
      // The screen shows it: it waits for the same promise.
    }
    this.interrupted ||= signals.interrupted();
    try {
      this.#problems.push(...(await session.close()));
    } finally {
      // A lost terminal signals more than once: unheeded, the second would end us before the locks are given back.
      signals.end();
    }
  }

  /** Waits until every session is closed. */
  async clear(): Promise<void> {
    await Promise.all(this.#open);
    this.#open.clear();
  }

  /** Says what could not be done in closing them; for when the screen is gone. */
  tell(): void {
    tellProblems(this.#problems.splice(0));
  }
}

function choice(
  runbook: Runbook,
  options: RunOptions,
): Awaited<ReturnType<TuiApp['home']>>['runbooks'][number] {
  const values = knownValues(runbook, options);
  const { id, title, description } = runbook;
  const parameters = runbook.parameters.map((parameter) => ({
    name: parameter.name,
    description: parameter.description,
    value: values[parameter.name] ?? parameter.default,
    pick: parameter.pick,
  }));
  const sections = runbook.sections.map(({ title, steps }) => ({ title, steps: steps.length }));
  return { id, title, description, sections, parameters };
}

function summary({ runId, state }: ListedRun, holder: LockHolder | undefined): RunSummary[] {
  if (state === undefined) return [];
  const { header, plan, status, startedAt, updatedAt } = state;
  const at = currentStep(state);
  return [
    {
      runId,
      runbookId: plan.runbook.id,
      runbookTitle: plan.runbook.title,
      openBy: holder && `${holder.operator} on ${holder.host}`,
      cluster: plan.target.clusterName,
      startedAt,
      updatedAt,
      status,
      stoppedBecause: state.stoppedBecause,
      currentStep: at?.title,
      place: at && place(state, at.id),
      operator: (state.sessions.at(-1) ?? header).operator.name,
      rehearsal: header.rehearsal,
      end: status === 'completed' ? endText(state) : undefined,
    },
  ];
}

/** Shows the kept output of an attempt in the operator's own pager. */
async function pageOutput(files: ReturnType<typeof runFiles>, step: string, attempt: number): Promise<void> {
  const [program = '', ...words] = (process.env['PAGER'] ?? '').trim().split(/\s+/);
  const pager: [string, ...string[]] = program === '' ? ['less'] : [program, ...words];
  const { runInForeground } = await import('../adapters/command/foreground.ts');
  await runInForeground([...pager, outputFile(files, step, attempt)], process.env);
}

/** The output of an attempt, filled in as soon as it has been read. */
function lookAt(files: ReturnType<typeof runFiles>, step: string, attempt: number): OutputBuffer {
  const buffer = new OutputBuffer();
  readOutput(files, step, attempt, lookBytes).then(
    (output) => buffer.append(output?.text ?? ''),
    () => buffer.append('The output file could not be read.\n'),
  );
  return buffer;
}
