/**
 * What the screen does besides drawing: opening runs, copying their view into the store, sending intents, leaving.
 * One session lives as long as the screen does.
 */
import { ToolError } from '../../runbook/errors.ts';
import type { Intent, RunController, RunOutcome } from '../../engine/controller.ts';
import type { OutputBuffer } from '../../engine/output.ts';
import { lastAttempt, type RunState, stepState } from '../../engine/state.ts';
import { type Answer, intentFor } from '../questions.ts';
import { storyLines } from '../story.ts';
import { summaryLines } from '../summary.ts';
import type { SummaryPlaces } from '../summary.ts';
import type { ClusterChoice, HomeData, PastRun, TuiApp, TuiResult } from './app.ts';
import { type Form, openForm, type PickerItem, withCluster } from './form/form.ts';
import { type Lines, linesOf, type Reading } from './pager/pager.ts';
import { answered, isOpen, openRun, type RunUi, refused, stepShown, withView } from './run/run-ui.ts';
import { homePlace, runOf, type TuiStore, updateForm, updateRun } from './store.ts';
import { type ClusterItem, openClusters } from './clusters/clusters.ts';
import type { HomeItem } from './home/items.ts';
import { untouched } from './list/list.ts';
import type { Terminal } from './terminal.ts';
import { throttle } from './throttle.ts';

/** Milliseconds between two copies of a run's view, and of its output. */
const viewInterval = 40;
const outputInterval = 200;

export interface SessionOptions {
  now: () => Date;
  /** What a run is opened with where there is room for one column. */
  pane: RunUi['pane'];
  terminal: Terminal;
}

export class Session {
  readonly app: TuiApp;
  readonly store: TuiStore;
  readonly now: () => Date;
  readonly terminal: Terminal;
  /** Milliseconds since 1970, when the last key was pressed. */
  lastKeyAt: number;
  readonly #pane: RunUi['pane'];
  readonly #end: (result: TuiResult | Error) => void;
  readonly #seeOutput = throttle(
    () => this.store.setState((state) => ({ outputSeen: state.outputSeen + 1 })),
    outputInterval,
  );
  readonly #copyView = throttle(() => this.#copy(), viewInterval);
  #controller: RunController | undefined;
  /** What there is to say of the run that was left for the home screen. */
  #left: Pick<TuiResult, 'runId' | 'summary'> = { summary: [] };
  #past: PastRun | undefined;
  #outcome: RunOutcome | undefined;
  #unsubscribe: (() => void) | undefined;
  #buffer: { buffer: OutputBuffer; unsubscribe: () => void } | undefined;
  #opening: AbortController | undefined;
  #ended = false;

  /** `end` is called once, with how it ended. */
  constructor(
    app: TuiApp,
    store: TuiStore,
    options: SessionOptions,
    end: (result: TuiResult | Error) => void,
  ) {
    this.app = app;
    this.store = store;
    this.now = options.now;
    this.terminal = options.terminal;
    this.lastKeyAt = options.now().getTime();
    this.#pane = options.pane;
    this.#end = end;
  }

  /** Shows the first screen. Resolves when what it is to show has been read. */
  async begin(): Promise<void> {
    const open = this.app.open ?? { kind: 'home' };
    if (open.kind === 'run') this.#attach(open.controller);
    else await this.#showHome(open.kind === 'start' ? open.runbookId : undefined);
  }

  /** There is a home screen to go back to. */
  get hasHome(): boolean {
    return this.app.open?.kind !== 'run';
  }

  /** Shows the home screen anew. */
  goHome(): void {
    void this.#showHome();
  }

  /** Shows the home screen, or goes on to the form of a runbook. Resolves when it has been read. */
  #showHome(runbookId?: string): Promise<void> {
    this.#release();
    this.store.setState({ place: homePlace, help: false, scroll: 0 });
    return this.#during(
      (signal) => this.app.home(signal),
      (data) => {
        const runbook = data.runbooks.find(({ id }) => id === runbookId);
        if (runbook === undefined) this.store.setState({ place: { ...homePlace, data } });
        else this.fillIn(runbook);
      },
    );
  }

  /** Lists the clusters, to go on to a runbook for one of them. */
  showClusters(runbooks: HomeData['runbooks']): void {
    const { clusters } = this.app;
    if (clusters === undefined) return;
    const opened = openClusters(runbooks);
    this.store.setState({ place: { screen: 'clusters', clusters: opened }, scroll: 0 });
    this.#during(clusters.bind(this.app), (found) =>
      this.store.setState({ place: { screen: 'clusters', clusters: { ...opened, found } } }),
    );
  }

  /** Goes on to the runbooks for a cluster; undefined: back to the clusters. */
  chooseCluster(chosen: ClusterChoice | undefined): void {
    const { place } = this.store.getState();
    if (place.screen !== 'clusters') return;
    this.store.setState({
      place: { screen: 'clusters', clusters: { ...place.clusters, chosen, list: untouched } },
    });
  }

  /** Goes on with what the home screen offers. */
  chooseAtHome({ what }: HomeItem): void {
    const { place } = this.store.getState();
    if (place.screen !== 'home') return;
    if (what.kind === 'more') {
      const expanded = new Set([...place.expanded, what.runs]);
      this.store.setState({ place: { ...place, expanded, list: { ...place.list, marked: what.next } } });
    } else if (what.kind === 'clusters') this.showClusters(place.data?.runbooks ?? []);
    else if (what.kind === 'start') this.fillIn(what.runbook);
    else if (what.kind === 'resume') this.resume(what.run.runId);
    else this.lookAt(what.run.runId);
  }

  /** Goes on with a cluster, or with one of the runbooks for it. */
  chooseOfClusters({ what }: ClusterItem): void {
    const { place } = this.store.getState();
    if (place.screen !== 'clusters') return;
    if (what.kind === 'start') this.goOn(what.form);
    else if (what.kind === 'cluster') this.chooseCluster(what.cluster);
    else {
      const clusters = { ...place.clusters, refused: what.cluster.name };
      this.store.setState({ place: { screen: 'clusters', clusters } });
    }
  }

  /** Takes a cluster into the form. */
  pickCluster({ cluster }: PickerItem): void {
    updateForm(this.store, (form) => withCluster(form, cluster));
  }

  /** Goes on to a form that is begun. */
  goOn(form: Form): void {
    this.store.setState({ place: { screen: 'form', form }, scroll: 0 });
  }

  /** Asks for a runbook's parameters, or starts at once when it has none. */
  fillIn(runbook: Parameters<typeof openForm>[0]): void {
    if (runbook.parameters.length === 0) return this.start(runbook.id, {});
    this.goOn(openForm(runbook));
  }

  start(runbookId: string, parameters: Readonly<Record<string, string>>): void {
    this.#open('Starting: looking at the cluster…', (signal, tell) =>
      this.app.startRun(runbookId, parameters, signal, tell),
    );
  }

  resume(runId: string): void {
    this.#open('Resuming: reading the run and looking at the cluster…', (signal, tell) =>
      this.app.resumeRun(runId, signal, tell),
    );
  }

  lookAt(runId: string): void {
    this.store.setState({ place: { screen: 'opening', what: 'Reading the run…' } });
    this.#during(
      (signal) => this.app.readRun(runId, signal),
      (past) => {
        this.#past = past;
        const view = { state: past.state, decision: { kind: 'over' }, asking: false } as const;
        this.store.setState({ place: { screen: 'run', ui: openRun('past', view, this.#pane) }, scroll: 0 });
      },
    );
  }

  /** Reads the clusters to choose from, for a form that asks for one. */
  readClusters(): void {
    const { clusters } = this.app;
    if (clusters === undefined) return;
    updateForm(this.store, (form) => ({ ...form, clusters: 'reading' }));
    const abort = new AbortController();
    this.#opening = abort;
    clusters(abort.signal).then(
      (found) =>
        updateForm(this.store, (form) =>
          form.clusters === 'reading' ? { ...form, clusters: found.length === 0 ? 'typing' : found } : form,
        ),
      (error: unknown) =>
        updateForm(this.store, (form) => ({
          ...form,
          clusters: 'typing',
          problem: `The clusters could not be listed: ${error instanceof Error ? error.message : String(error)}`,
        })),
    );
  }

  /** What the summary of a run names besides. */
  places({ header }: RunState): SummaryPlaces {
    return { transcript: this.app.transcriptPath(header.runId), stateDir: this.app.stateDir };
  }

  /** The output of an attempt of the run shown. */
  readonly output = (step: string, attempt: number): OutputBuffer | undefined =>
    (this.#controller ?? this.#past)?.output(step, attempt);

  /** What a pager reads. */
  readonly lines = (of: Reading): Lines | undefined => {
    if (of.kind === 'output') return this.output(of.step, of.attempt);
    if (of.kind === 'record') return this.#past && linesOf(this.#past.report);
    const ui = runOf(this.store.getState());
    return ui && linesOf(storyLines(ui.view.state));
  };

  /** Ends everything with an error that is a defect. */
  fail(error: unknown): void {
    this.#finish(asError(error));
  }

  /** Answers the open question of the run. */
  answer(answer: Answer, by: 'key' | 'typed', text?: string): void {
    const asked = runOf(this.store.getState())?.asked;
    if (asked === undefined || !isOpen(asked)) return;
    updateRun(this.store, answered);
    this.say(intentFor(asked.question, answer, by, text));
  }

  /** The one way an intent goes out. A refusal is shown. */
  say(intent: Intent): void {
    const refusal = this.#controller?.send(intent);
    if (refusal !== undefined) updateRun(this.store, (ui) => refused(ui, refusal));
  }

  /** Leaves the screen. */
  leave(outcome: 'left' | 'interrupted' = 'left'): void {
    const state = this.#controller?.view().state;
    if (state === undefined) return this.#finish({ outcome, ...this.#left });
    this.#finish({
      outcome: this.#outcome ?? outcome,
      ...this.#summaryOf(state),
    });
  }

  /** Ends every timer, subscription and read this session owns. */
  close(): void {
    this.#ended = true;
    this.#release();
  }

  #open(
    what: string,
    open: (signal: AbortSignal, tell: (text: string) => void) => Promise<RunController>,
  ): void {
    this.store.setState({ place: { screen: 'opening', what }, help: false });
    this.#during(
      (signal) =>
        open(signal, (text) => {
          if (signal.aborted || this.store.getState().place.screen !== 'opening') return;
          this.store.setState({ place: { screen: 'opening', what: `${what} ${text}` } });
        }),
      (controller) => this.#attach(controller),
      (controller) => controller.send({ type: 'stop', reason: 'closed' }),
    );
  }

  /** Waits for something that can be left meanwhile; what comes too late goes to `late`. */
  async #during<T>(
    work: (signal: AbortSignal) => Promise<T>,
    then: (result: T) => void,
    late?: (result: T) => void,
  ): Promise<void> {
    this.#opening?.abort();
    const abort = new AbortController();
    this.#opening = abort;
    await work(abort.signal).then(
      (result) => (abort.signal.aborted ? late?.(result) : then(result)),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ToolError)) this.#finish(asError(error));
        else this.store.setState({ place: { screen: 'problem', what: error.message, next: error.next } });
      },
    );
  }

  #attach(controller: RunController): void {
    this.#controller = controller;
    this.store.setState({
      place: { screen: 'run', ui: openRun('live', controller.view(), this.#pane) },
      help: false,
      scroll: 0,
    });
    this.#unsubscribe = controller.subscribe(this.#copyView);
    this.#copy();
    this.#see(controller).catch((error: unknown) => this.#finish(asError(error)));
  }

  /** Stays with a run until it is over: a completed one is summed up on screen, a stopped one is left. */
  async #see(controller: RunController): Promise<void> {
    const outcome = await controller.finished;
    if (this.#controller !== controller) return;
    this.#outcome = outcome;
    this.#copy();
    if (outcome !== 'completed') this.leave();
  }

  #copy(): void {
    const controller = this.#controller;
    if (controller === undefined || this.#ended) return;
    updateRun(this.store, (ui) => withView(ui, controller.view()));
    this.followOutput();
  }

  /** Listens to the output of the attempt on screen, so that it is drawn as it comes. */
  followOutput(): void {
    const ui = runOf(this.store.getState());
    if (ui === undefined) return;
    const read = ui.pager?.of.kind === 'output' ? ui.pager.of : undefined;
    const step = read?.step ?? stepShown(ui);
    const attempt = read?.attempt ?? lastAttempt(stepState(ui.view.state, step))?.number;
    const buffer = attempt === undefined ? undefined : this.output(step, attempt);
    if (buffer === this.#buffer?.buffer) return;
    this.#buffer?.unsubscribe();
    this.#buffer = buffer && { buffer, unsubscribe: buffer.subscribe(this.#seeOutput) };
  }

  #release(): void {
    this.#opening?.abort();
    this.#opening = undefined;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#buffer?.unsubscribe();
    this.#buffer = undefined;
    this.#copyView.stop();
    this.#seeOutput.stop();
    if (this.#controller !== undefined) this.#left = this.#summaryOf(this.#controller.view().state);
    this.#controller = undefined;
    this.#past = undefined;
    this.#outcome = undefined;
  }

  #summaryOf(state: RunState): Pick<TuiResult, 'runId' | 'summary'> {
    const { runId } = state.header;
    return { runId, summary: summaryLines(state, this.places(state)) };
  }

  #finish(result: TuiResult | Error): void {
    if (this.#ended) return;
    this.close();
    this.#end(result);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
