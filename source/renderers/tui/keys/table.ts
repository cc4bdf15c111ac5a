/**
 * The one table of keys. Input is looked up in it, the row of keys at the bottom shows what of it works now, and
 * the help lists what of it is for the screen one is on. The keys that answer a question come from the question itself (`questions.ts`).
 */
import type { Choice } from '../../questions.ts';
import type { KeyContext } from './context.ts';

/** What a key does; `press.ts` carries it out. */
export type Action =
  | 'answer'
  | 'type'
  | 'leave-field'
  | 'up'
  | 'down'
  | 'first'
  | 'last'
  | 'page-up'
  | 'page-down'
  | 'show-detail'
  | 'show-list'
  | 'follow'
  | 'output'
  | 'earlier-attempt'
  | 'later-attempt'
  | 'search'
  | 'search-next'
  | 'search-back'
  | 'note'
  | 'pause'
  | 'go-on'
  | 'export'
  | 'summary'
  | 'steps'
  | 'submit'
  | 'close'
  | 'next-field'
  | 'previous-field'
  | 'clusters'
  | 'help'
  | 'leave'
  | 'interrupt'
  /** Enter where it decides nothing; says so. */
  | 'idle-enter'
  | 'suspend'
  | 'choose'
  | 'fold'
  | 'fold-all'
  | 'copy'
  | 'story'
  | 'wrap'
  | 'next-error'
  | 'earlier-error'
  | 'pager'
  | 'filter'
  | 'stop-writing'
  | 'unfilter'
  | 'stop-run'
  | 'detach'
  | 'cancel'
  | 'home';

export interface Binding {
  action: Action;
  /** By name, as `strokes.ts` gives them. */
  keys: readonly string[];
  /** How it is named to the operator. */
  label: string;
  /** A few words for the row of keys; absent: not shown there. */
  does?: string | undefined;
  /** A sentence for the help. */
  help: string;
  /** How soon it gives way where the row of keys is too narrow: 0 never, 3 first. */
  spare: 0 | 1 | 2 | 3;
  when(context: KeyContext): boolean;
  /** For `answer`: what it answers. */
  choice?: Choice | undefined;
}

interface Group {
  /** Heading in the help; a group without one is not listed there. */
  title?: string | undefined;
  bindings: readonly Binding[];
}

/** Actions that only move about: they also act when several keys arrive at once. */
export const moving: readonly Action[] = ['up', 'down', 'first', 'last', 'page-up', 'page-down'];

type Condition = (context: KeyContext) => boolean;
type Options = Partial<Pick<Binding, 'label' | 'does' | 'spare' | 'when'>>;

const always: Condition = () => true;
const goingHelp =
  'Asks first: keep waiting, leave it running and go, or end it. Only a command can be left running.';

function group(title: string | undefined, when: Condition, bindings: readonly Binding[]): Group {
  return {
    title,
    bindings: bindings.map((binding) => ({ ...binding, when: (c) => when(c) && binding.when(c) })),
  };
}

/** `keys` are separated by spaces; the first one is the label unless another is given. */
function key(action: Action, keys: string, help: string, options: Options = {}): Binding {
  const names = keys.split(' ');
  return { action, keys: names, label: names[0] ?? '', help, spare: 1, when: always, ...options };
}

const on =
  (...screens: KeyContext['screen'][]): Condition =>
  (c) =>
    c.over === undefined && screens.includes(c.screen);
const onList = on('home', 'clusters', 'runbooks', 'picker');
const typed = (c: KeyContext): boolean => c.choices.some(({ needs }) => needs?.text === 'typed');

/** In order: where two fit, the first one acts. */
export const table: readonly Group[] = [
  group(undefined, (c) => c.over === 'help', [
    key('up', 'up k', 'Scroll back.', { label: '↑↓', does: 'scroll' }),
    key('down', 'down j', 'Scroll on.'),
    key('page-up', 'pgup ctrl-b b', 'Scroll a page back.', { label: 'pgup', spare: 3 }),
    key('page-down', 'pgdn ctrl-f space', 'Scroll a page on.', { label: 'pgdn', does: 'page', spare: 3 }),
    key('close', 'esc ? q enter', 'Close this list.', { does: 'close' }),
  ]),
  group(undefined, (c) => c.over === 'write' || c.over === 'search', [
    key('submit', 'enter', 'Take what was written.', { does: 'take it' }),
    key('close', 'esc', 'Go back without it.', { does: 'back' }),
  ]),
  group(undefined, (c) => c.over === 'filter', [
    key('up', 'up', 'Choose the one above.', { label: '↑↓', does: 'choose' }),
    key('down', 'down', 'Choose the one below.'),
    key('choose', 'enter', 'Go on with it; nothing is changed yet.', { does: 'go on' }),
    key('stop-writing', 'tab', 'Keep the words; letters are keys again.', { does: 'keep the words' }),
    key('unfilter', 'esc', 'List all again.', { does: 'list all' }),
  ]),
  group('The steps', on('steps'), [
    key('type', 'enter tab', 'Go to the field for the typed confirmation.', {
      does: 'type the name',
      when: (c) => typed(c) && !c.typing,
    }),
    key('leave-field', 'tab esc', 'Leave the field: letters are keys again.', {
      does: 'other keys',
      when: (c) => c.typing,
    }),
    key('show-detail', 'enter tab right', 'Show the step itself, where there is room for one column only.', {
      does: 'show the step',
      when: (c) => c.narrow && c.pane === 'list',
    }),
    key('follow', 'esc enter', 'Go back to the step the run is at.', {
      does: 'back to the current step',
      when: (c) => !c.following,
    }),
    key('show-list', 'tab esc left', 'Show the list of steps, where there is room for one column only.', {
      does: 'all steps',
      when: (c) => c.narrow && c.pane === 'detail',
    }),
    key('summary', 'tab s esc', 'Show how the run ended.', { does: 'summary', when: (c) => !c.live }),
    key('export', 'e', 'Write the record to files, as Markdown and HTML, and say where.', {
      does: 'export',
      spare: 2,
      when: (c) => !c.live,
    }),
    key('up', 'up k', 'Look at the step above; the run is not affected.', {
      label: '↑↓',
      does: 'other steps',
      spare: 3,
    }),
    key('down', 'down j', 'Look at the step below; the run is not affected.'),
    key('first', 'home', 'Look at the first step.'),
    key('last', 'end G', 'Look at the last step.'),
    key('page-up', 'pgup ctrl-b', 'Scroll the step back.'),
    key('page-down', 'pgdn ctrl-f', 'Scroll the step on.'),
    key('fold', 'z', 'Fold the section of this step into one row, or unfold it.'),
    key('fold-all', 'Z', 'Fold all sections, or unfold them.'),
    key(
      'copy',
      'c',
      'Copy the command to the clipboard of your own machine (OSC 52; the terminal has to allow it).',
      {
        does: 'copy',
        spare: 3,
        when: (c) => c.hasCommand,
      },
    ),
    key('story', 't', 'Show what has happened so far: settings before and now, timeline, notes.', {
      does: 'timeline',
      spare: 3,
    }),
    key('output', 'o', 'Show the output of this step in full.', {
      does: 'output',
      spare: 2,
      when: (c) => c.hasOutput,
    }),
    key('search', '/', 'Search the output of this step.', {
      does: 'search',
      spare: 3,
      when: (c) => c.hasOutput,
    }),
    key('output', 'o', 'Show the output of this step in full, once it has some.'),
    key('search', '/', 'Search the output of this step, once it has some.'),
    key('pause', 'p', 'Pause the rewrite of the Secrets: nothing more is sent until you go on.', {
      does: 'pause',
      spare: 0,
      when: (c) => c.rewriting === 'going',
    }),
    key('go-on', 'p', 'Go on with the rewrite of the Secrets.', {
      does: 'go on',
      spare: 0,
      when: (c) => c.rewriting === 'paused',
    }),
    key('note', 'n', 'Add a note to the record.', { does: 'note', spare: 2, when: (c) => c.live }),
    key('idle-enter', 'enter', 'Nothing: the question takes one of the other keys.', {
      when: (c) => c.choices.length > 0 && !c.typing,
    }),
  ]),
  group('What is read', on('output', 'record', 'story'), [
    key('up', 'up k', 'Scroll a line back.', { label: '↑↓', does: 'scroll' }),
    key('down', 'down j', 'Scroll a line on.'),
    key('page-up', 'pgup ctrl-b b', 'Scroll a page back.'),
    key('page-down', 'pgdn ctrl-f space', 'Scroll a page on.'),
    key('first', 'g home', 'Go to the beginning.', { does: 'beginning', spare: 3, when: on('output') }),
    key('last', 'G end', 'Go to the newest line and stay with it.', {
      does: 'newest',
      spare: 2,
      when: on('output'),
    }),
    key('first', 'g home', 'Go to the beginning.'),
    key('last', 'G end', 'Go to the end.'),
    key('search', '/', 'Search.', { does: 'search', spare: 0 }),
    key('search-next', 'n', 'Go to the next line found.', { does: 'next', when: (c) => c.searched }),
    key('search-back', 'N', 'Go to the line found before.', { when: (c) => c.searched }),
    key('next-error', 'e', 'Go to the next line that tells of an error.', {
      does: 'errors',
      spare: 2,
      when: on('output'),
    }),
    key('earlier-error', 'E', 'Go to the line before that tells of an error.', { when: on('output') }),
    key('wrap', 'w', 'Show each line in one row, cut where it is too long, or whole again.', { spare: 3 }),
    key('pager', 'v', 'Open the whole output in your pager ($PAGER, or less).', {
      does: 'pager',
      spare: 3,
      when: (c) => c.canPage && on('output')(c),
    }),
    key('earlier-attempt', 'left', 'Show the attempt before.', {
      label: '←→',
      does: 'attempts',
      spare: 3,
      when: on('output'),
    }),
    key('later-attempt', 'right', 'Show the attempt after.', { when: on('output') }),
    key('export', 'e', 'Write the record to files, as Markdown and HTML, and say where.', {
      does: 'export',
      spare: 0,
      when: on('record'),
    }),
    key('steps', 'enter tab s', 'Look at the steps.', { does: 'steps', when: on('record') }),
    key('close', 'esc o q', 'Go back to the steps.', { does: 'back', spare: 0, when: on('output') }),
    key('close', 'esc t q', 'Go back to the steps.', { does: 'back', spare: 0, when: on('story') }),
  ]),
  group('The summary', on('summary'), [
    key('steps', 'enter tab s', 'Look at the steps.', { does: 'look at the steps' }),
    key('export', 'e', 'Write the record to files, as Markdown and HTML, and say where.', {
      does: 'export',
      spare: 2,
    }),
    key('up', 'up k', 'Scroll back.', { label: '↑↓', does: 'scroll', spare: 3 }),
    key('down', 'down j', 'Scroll on.'),
    key('page-up', 'pgup ctrl-b b', 'Scroll a page back.'),
    key('page-down', 'pgdn ctrl-f space', 'Scroll a page on.'),
  ]),
  group('When asked what to do with what runs', (c) => c.over === 'leave' && c.going !== 'nothing', [
    key('close', 'k esc', 'Keep waiting.', { does: 'keep waiting', spare: 0 }),
    key('detach', 'd', 'Leave it running and go.', {
      does: 'leave it running and go',
      when: (c) => c.going === 'command',
    }),
    key('cancel', 'x', 'End it; you are then asked what to do.', { does: 'end it' }),
    key('stop-run', 'q', 'Stop here.', {
      does: 'stop here',
      when: (c) => c.going === 'work' || c.going === 'rewrite',
    }),
    key('idle-enter', 'enter', 'Nothing.'),
  ]),
  group(undefined, (c) => c.over === 'leave' && c.going === 'nothing', [
    key('stop-run', 'enter y q ctrl-c', 'Stop here.', { does: 'stop here' }),
    key('close', 'esc n', 'Stay.', { does: 'stay' }),
  ]),
  group('The list', onList, [
    key('up', 'up k', 'Choose the one above.', { label: '↑↓', does: 'choose' }),
    key('down', 'down j', 'Choose the one below.'),
    key('choose', 'enter', 'Go on with it; nothing is changed yet.', { does: 'go on' }),
    key('filter', '/', 'List only what has the words you type.', { does: 'filter', spare: 2 }),
    key('page-up', 'pgup ctrl-b', 'A page up.'),
    key('page-down', 'pgdn ctrl-f', 'A page down.'),
    key('first', 'g home', 'Go to the first one.'),
    key('last', 'G end', 'Go to the last one.'),
    key('unfilter', 'esc', 'List all again.', { does: 'list all', when: (c) => c.narrowed }),
    key('clusters', 'esc', 'Go back to the clusters.', { does: 'clusters', when: on('runbooks') }),
    key('close', 'esc', 'Type the name instead.', { does: 'type the name instead', when: on('picker') }),
  ]),
  group('The values a runbook asks for', on('form'), [
    key('submit', 'enter', 'After the last value, start.', { does: 'start', when: (c) => c.lastField }),
    key('submit', 'enter', 'Take this value and go on.', { does: 'go on' }),
    key('clusters', 'ctrl-l', 'Choose a cluster from the list of those you can see.', {
      does: 'list clusters',
      when: (c) => c.offersClusters,
    }),
    key('previous-field', 'up', 'Go to the value above.', { label: '↑↓', does: 'other values' }),
    key('next-field', 'down tab', 'Go to the value below.'),
  ]),
  group('Everywhere', (c) => c.over === undefined, [
    key('home', 'esc', 'Go back to the home screen.', {
      does: 'home',
      when: (c) => c.hasHome && on('clusters', 'form', 'opening')(c),
    }),
    key('home', 'enter esc q', 'Go back to the home screen.', {
      does: 'home',
      when: (c) => c.hasHome && on('problem')(c),
    }),
    key('home', 'q esc', 'Go back to the home screen.', {
      does: 'home',
      when: (c) => c.hasHome && !c.live && on('summary', 'steps', 'record')(c),
    }),
    key('help', '?', 'Show the keys.', { does: 'keys', spare: 0, when: (c) => !on('form')(c) }),
    key('leave', 'q ctrl-c', 'Stop here; the run can be resumed.', {
      does: 'stop here',
      spare: 0,
      when: (c) => c.live && c.going === 'nothing' && on('steps')(c),
    }),
    key('interrupt', 'ctrl-c', goingHelp, {
      does: 'leave or end it',
      spare: 0,
      when: (c) => c.live && c.going !== 'nothing' && on('steps')(c),
    }),
    key('interrupt', 'q', 'The same as ctrl-c.', {
      when: (c) => c.live && c.going !== 'nothing' && on('steps')(c),
    }),
    key('leave', 'q', 'Leave.', {
      does: 'leave',
      spare: 0,
      when: (c) => !c.live && !on('form', 'picker', 'output', 'story')(c),
    }),
  ]),
  group('Everywhere', always, [
    key('interrupt', 'ctrl-c', goingHelp, {
      does: 'leave or end it',
      when: (c) => c.live && c.going !== 'nothing' && c.over !== 'leave',
    }),
    key('interrupt', 'ctrl-c', 'Stop here; the run can be resumed.', {
      does: 'stop here',
      when: (c) => c.live && c.typing,
    }),
    key('interrupt', 'ctrl-c', 'Leave.', {
      does: 'leave',
      when: (c) => c.typing || c.screen === 'opening',
    }),
    key('interrupt', 'ctrl-c', 'Leave.'),
    key('suspend', 'ctrl-z', 'Put this tool in the background of your shell; `fg` brings it back.'),
  ]),
];
