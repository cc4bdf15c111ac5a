/** From a stroke to what it does. Everything an operator can do with the keyboard goes through here. */
import { lastAttempt, plannedStep, stepState } from '../../engine/state.ts';
import { commandText } from '../command.ts';
import type { Choice } from '../questions.ts';
import { checkWritten, leaveDialog } from './dialog/dialog.ts';
import { edit } from './field/field.ts';
import { fieldAt, withText } from './form/form.ts';
import { pressForm } from './form/press-form.ts';
import { bindingFor } from './keys/active.ts';
import { contextOf, questionOnScreen } from './keys/now.ts';
import { type Action, type Binding, moving } from './keys/table.ts';
import { exportRecord } from './pager/export-record.ts';
import { openInPager } from './pager/open-in-pager.ts';
import { recordPager, storyPager } from './pager/pager.ts';
import { pressPager } from './pager/press-pager.ts';
import type { Size } from './layout.ts';
import { pickingOf } from './list/current.ts';
import { pressList } from './list/press-list.ts';
import { scrollReading } from './reading.ts';
import { detailRange } from './run/measure.ts';
import { fold, foldAll, follow, look, mayStop, stepShown } from './run/run-ui.ts';
import type { Session } from './session.ts';
import { runOf, updateForm, updateList, updateRun } from './store.ts';
import type { Stroke } from './strokes.ts';
import type { Suspension } from './suspension.ts';

/** Milliseconds: a key held down repeats faster than this, and hands do not. */
const heldDown = 100;
/** Milliseconds without a key after which a word typed into nothing is over. */
const wordOver = 300;

export class Keyboard {
  readonly #session: Session;
  readonly #suspension: Pick<Suspension, 'suspend' | 'lend'>;
  #idleEnterAt = Number.NEGATIVE_INFINITY;
  /** When the last key of a word was pressed that had no field to go to. */
  #astrayAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session, suspension: Pick<Suspension, 'suspend' | 'lend'>) {
    this.#session = session;
    this.#suspension = suspension;
  }

  /** A key, or characters that arrived together. */
  press(stroke: Stroke, size: Size): void {
    this.#session.lastKeyAt = this.#session.now().getTime();
    if (stroke.key === 'enter' && this.#held()) return;
    if (this.#astray(stroke, size)) return;
    updateRun(this.#session.store, (ui) => (ui.message === undefined ? ui : { ...ui, message: undefined }));
    const context = contextOf(this.#session, size);
    if (context.typing && this.#edit(stroke, size)) return;
    if (stroke.key === undefined) return this.#burst(stroke.text ?? '', size);
    const binding = bindingFor(context, stroke.key);
    const taken = binding !== undefined && this.#act(binding, size);
    if (stroke.key === 'enter' && !taken) this.#idleEnterAt = this.#session.now().getTime();
  }

  /** Pasted text goes into a field or nowhere: it is never taken for keys. */
  paste(text: string, size: Size): void {
    if (contextOf(this.#session, size).typing) this.#edit({ text }, size);
  }

  /** Characters that arrived together only move about; what answers or opens something has to come alone. */
  #burst(text: string, size: Size): void {
    for (const key of text) {
      const binding = bindingFor(contextOf(this.#session, size), key);
      if (binding !== undefined && moving.includes(binding.action)) this.#act(binding, size);
      else this.#astrayAt = this.#session.now().getTime();
    }
  }

  /**
   * Belongs to a word that had no field to go to, as one meant for a search where there is nothing to search: its
   * letters, and the Enter after them, are no keys. A pause ends the word.
   */
  #astray(stroke: Stroke, size: Size): boolean {
    if (stroke.text === undefined && stroke.key !== 'enter') return false;
    if (contextOf(this.#session, size).typing) return false;
    const now = this.#session.now().getTime();
    if (now - this.#astrayAt >= wordOver) return false;
    this.#astrayAt = now;
    return true;
  }

  /** An Enter that follows at once on one that did nothing is the same one, held down: it answers nothing. */
  #held(): boolean {
    const now = this.#session.now().getTime();
    if (now - this.#idleEnterAt >= heldDown) return false;
    this.#idleEnterAt = now;
    return true;
  }

  /** Changes the text of the field that has the keyboard; false when the stroke does not edit. */
  #edit(stroke: Stroke, size: Size): boolean {
    const { store } = this.#session;
    const { place } = store.getState();
    const picking = pickingOf(store.getState());
    if (picking !== undefined) {
      const words = edit(picking.words, stroke);
      // What is listed changes, so the first of it is marked anew.
      if (words !== undefined) updateList(store, (list) => ({ ...list, words, marked: undefined }));
      return words !== undefined;
    }
    if (place.screen === 'form') {
      const field = fieldAt(place.form);
      const text = edit(field === undefined ? '' : (place.form.values[field.name] ?? ''), stroke);
      if (text !== undefined) updateForm(store, (form) => withText(form, text));
      return text !== undefined;
    }
    const ui = runOf(store.getState());
    if (ui === undefined) return false;
    const { dialog, pager } = ui;
    const before = pager?.searching ?? (dialog?.kind === 'write' ? dialog.text : ui.typed);
    const text = edit(before, stroke);
    if (text === undefined) return false;
    updateRun(store, (ui) => {
      if (pager?.searching !== undefined) return { ...ui, pager: { ...pager, searching: text } };
      if (dialog?.kind === 'write') return { ...ui, dialog: { ...dialog, text, problem: undefined } };
      // What was pressed before the question was on screen is not meant for it.
      return questionOnScreen(ui, store.getState().help, size) && ui.asked?.armed === true
        ? { ...ui, typed: text }
        : ui;
    });
    return true;
  }

  /** False when the key did nothing, as when the question it would answer was not on screen when it was pressed. */
  #act(binding: Binding, size: Size): boolean {
    if (binding.action === 'idle-enter') {
      const message = 'Enter does nothing here: press one of the keys shown.';
      updateRun(this.#session.store, (ui) => ({ ...ui, message }));
      return false;
    }
    if (binding.action !== 'answer') {
      this.#do(binding.action, size);
      return true;
    }
    const ui = runOf(this.#session.store.getState());
    if (binding.choice === undefined || ui?.asked?.armed !== true) return false;
    this.#answer(binding.choice);
    return true;
  }

  #answer(choice: Choice): void {
    const { store } = this.#session;
    const ui = runOf(store.getState());
    if (ui?.asked === undefined) return;
    if (choice.needs?.text === 'reason' || choice.needs?.text === 'note') {
      const dialog = { kind: 'write', ask: choice.needs.ask, text: '', choice } as const;
      updateRun(store, (ui) => ({ ...ui, dialog }));
      return;
    }
    if (choice.needs?.text !== 'typed') return this.#session.answer(choice.answer, 'key');
    const { question } = ui.asked;
    const expected = question.kind === 'confirm' ? question.expected : undefined;
    if (ui.typed === expected) return this.#session.answer(choice.answer, 'typed', ui.typed);
    const message =
      ui.typed === ''
        ? 'Nothing is typed yet; nothing was run.'
        : `“${ui.typed}” is not “${expected}”; nothing was run.`;
    updateRun(store, (ui) => ({ ...ui, message }));
  }

  #do(action: Action, size: Size): void {
    const { store } = this.#session;
    const state = store.getState();
    const { place } = state;
    if (action === 'interrupt') return this.#interrupt();
    if (action === 'suspend') return this.#suspension.suspend();
    if (action === 'help') return store.setState({ help: true, scroll: 0 });
    if (action === 'home') return this.#session.goHome();
    if (state.help && action === 'close') return store.setState({ help: false, scroll: 0 });
    if (scrollReading(this.#session, action, size)) return;
    if (action === 'leave' && place.screen !== 'run') return this.#session.leave();
    if (pressList(this.#session, action, size)) return;
    if (place.screen === 'form') return pressForm(this.#session, action);
    if (place.screen === 'clusters' && action === 'clusters') return this.#session.chooseCluster(undefined);
    if (place.screen !== 'run') return;
    const { pager, dialog } = place.ui;
    if (action === 'pager') return openInPager(this.#session, this.#suspension);
    const paged =
      pager !== undefined && dialog === undefined && pressPager(this.#session, pager, action, size);
    if (!paged) this.#run(action, size);
    this.#session.followOutput();
  }

  #run(action: Action, size: Size): void {
    const { store } = this.#session;
    const change = (update: Parameters<typeof updateRun>[1]): void => updateRun(store, update);
    switch (action) {
      case 'type':
        return change((ui) => ({ ...ui, typing: true }));
      case 'leave-field':
        return change((ui) => ({ ...ui, typing: false }));
      case 'up':
        return change((ui) => look(ui, -1));
      case 'down':
        return change((ui) => look(ui, 1));
      case 'first':
        return change((ui) => look(ui, 'first'));
      case 'last':
        return change((ui) => look(ui, 'last'));
      case 'page-up':
        return this.#scrollDetail(-1, size);
      case 'page-down':
        return this.#scrollDetail(1, size);
      case 'show-detail':
        return change((ui) => ({ ...ui, pane: 'detail', scroll: 0 }));
      case 'show-list':
        return change((ui) => ({ ...ui, pane: 'list' }));
      case 'follow':
        return change(follow);
      case 'fold':
        return change(fold);
      case 'fold-all':
        return change(foldAll);
      case 'copy':
        return this.#copy();
      case 'story':
        return change((ui) => ({ ...ui, pager: storyPager }));
      case 'steps':
        return change((ui) => ({ ...ui, summary: false, pager: undefined }));
      case 'summary':
        store.setState({ scroll: 0 });
        return change((ui) =>
          ui.mode === 'past' ? { ...ui, pager: recordPager } : { ...ui, summary: true },
        );
      case 'export':
        return exportRecord(this.#session);
      case 'output':
        return this.#openPager();
      case 'search':
        return this.#openPager('');
      case 'note':
        return change((ui) => ({
          ...ui,
          dialog: { kind: 'write', ask: 'A note for the record:', text: '' },
        }));
      case 'submit':
        return this.#submitWritten();
      case 'close':
        return change((ui) => ({ ...ui, dialog: undefined }));
      case 'pause':
      case 'go-on':
        return this.#session.say({ type: action });
      case 'leave':
        return this.#leave();
      case 'stop-run':
        change((ui) => ({ ...ui, dialog: undefined, message: 'Stopping…' }));
        return this.#session.say({ type: 'stop', reason: 'operator' });
      case 'detach':
        change((ui) => ({ ...ui, dialog: undefined, message: 'Leaving the command running…' }));
        return this.#session.say({ type: 'detach' });
      case 'cancel':
        change((ui) => ({ ...ui, dialog: undefined, message: 'Asking it to end…' }));
        return this.#session.say({ type: 'cancel' });
      default:
    }
  }

  #openPager(searching?: string): void {
    updateRun(this.#session.store, (ui) => {
      const step = stepShown(ui);
      const attempt = lastAttempt(stepState(ui.view.state, step))?.number;
      if (attempt === undefined || this.#session.output(step, attempt) === undefined) {
        this.#astrayAt = this.#session.now().getTime();
        return { ...ui, message: 'This step has no output.' };
      }
      return {
        ...ui,
        pager: {
          of: { kind: 'output', step, attempt },
          top: 'end',
          ...(searching === undefined ? {} : { searching }),
        },
      };
    });
  }

  /** The command of the step shown, as it can be pasted into a shell. */
  #copy(): void {
    const { store, terminal } = this.#session;
    const ui = runOf(store.getState());
    if (ui === undefined) return;
    const { state } = ui.view;
    const command = commandText(state, plannedStep(state.plan, stepShown(ui)));
    if (command === undefined) return;
    const message = terminal.copy(command)
      ? `Copied the command, ${command.split(' ').slice(0, 3).join(' ')} …, if your terminal allows it (OSC 52).`
      : 'This terminal has no way to copy.';
    updateRun(store, (ui) => ({ ...ui, message }));
  }

  #submitWritten(): void {
    const { store } = this.#session;
    const ui = runOf(store.getState());
    const dialog = ui?.dialog;
    if (ui === undefined || dialog?.kind !== 'write') return;
    const problem = checkWritten(dialog);
    if (problem !== undefined) return updateRun(store, (ui) => ({ ...ui, dialog: { ...dialog, problem } }));
    const text = dialog.text.trim();
    updateRun(store, (ui) => ({ ...ui, dialog: undefined }));
    if (dialog.choice !== undefined) return this.#session.answer(dialog.choice.answer, 'key', text);
    const step = stepShown(ui);
    updateRun(store, (ui) => ({ ...ui, message: 'Noted.' }));
    this.#session.say({ type: 'note', step, text });
  }

  /** `q`: leaves at once when nothing is interrupted by it. */
  #leave(): void {
    const { store } = this.#session;
    const ui = runOf(store.getState());
    if (ui === undefined) return;
    if (ui.view.state.status !== 'active' || ui.mode === 'past') return this.#session.leave();
    if (mayStop(ui)) return this.#run('stop-run', { columns: 0, rows: 0 });
    updateRun(store, (ui) => ({ ...ui, dialog: leaveDialog(ui.view.activity) }));
  }

  /** Ctrl-C at a question stops as `q` does; while something goes on it asks first. */
  #interrupt(): void {
    const { store } = this.#session;
    const ui = runOf(store.getState());
    if (ui === undefined || ui.mode === 'past') return this.#session.leave('interrupted');
    if (ui.view.state.status !== 'active') return this.#session.leave();
    store.setState({ help: false });
    if (ui.dialog?.kind === 'leave') return;
    if (mayStop(ui)) return this.#run('stop-run', { columns: 0, rows: 0 });
    updateRun(store, (ui) => ({
      ...ui,
      summary: false,
      pager: undefined,
      dialog: leaveDialog(ui.view.activity),
    }));
  }

  #scrollDetail(by: 1 | -1, size: Size): void {
    const { store } = this.#session;
    updateRun(store, (ui) => {
      const { range, anchor, page } = detailRange(this.#session, ui, size);
      // Scrolling counts from the end the detail is anchored to.
      const away = anchor === 'bottom' ? -by : by;
      return { ...ui, scroll: Math.max(0, Math.min(Math.min(ui.scroll, range) + away * page, range)) };
    });
  }
}
