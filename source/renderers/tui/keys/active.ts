/** What of the table of keys works now. */
import type { Choice } from '../../questions.ts';
import { width } from '../../text.ts';
import type { KeyContext } from './context.ts';
import { type Binding, table } from './table.ts';

/** The keys that work now, answers to the question on screen first. Letters are no keys while a field takes them. */
export function activeBindings(context: KeyContext): Binding[] {
  const fitting = table.flatMap((group) => group.bindings).filter((binding) => binding.when(context));
  const taken = new Set<string>();
  return [...answers(context), ...fitting].flatMap((binding) => {
    const keys = binding.keys.filter((key) => !taken.has(key) && !(context.typing && isCharacter(key)));
    for (const key of keys) taken.add(key);
    const [first] = keys;
    if (first === undefined) return [];
    // Named by its first key, it is named by the first that is left to it.
    return [{ ...binding, keys, label: binding.label === binding.keys[0] ? first : binding.label }];
  });
}

function isCharacter(key: string): boolean {
  return key.length === 1 || key === 'space';
}

/** What a key does now; undefined when nothing. */
export function bindingFor(context: KeyContext, key: string): Binding | undefined {
  const name = key === ' ' ? 'space' : key;
  return activeBindings(context).find((binding) => binding.keys.includes(name));
}

/** In the field for a typed confirmation only that answer has a key; outside the field every other one. */
function answers(context: KeyContext): Binding[] {
  if (context.over !== undefined || context.screen !== 'steps') return [];
  return context.choices
    .filter((choice) => (choice.needs?.text === 'typed') === context.typing)
    .map((choice, index) => answerBinding(choice, index === 0 ? 0 : 1));
}

function answerBinding(choice: Choice, spare: Binding['spare']): Binding {
  return {
    action: 'answer',
    keys: [choice.key],
    label: choice.key,
    does: choice.does,
    help: choice.means,
    spare,
    when: () => true,
    choice,
  };
}

const between = ' · ';

/** The row of keys: what works now, in at most `columns` columns; what can be spared goes first. */
export function keyRow(context: KeyContext, columns: number): { label: string; does: string }[] {
  const seen = new Set<string>();
  let shown = activeBindings(context).flatMap(({ label, does, spare, action }) => {
    if (does === undefined || seen.has(action + does)) return [];
    seen.add(action + does);
    return [{ label, does, spare }];
  });
  const total = (): number =>
    shown.reduce(
      (sum, { label, does }) => sum + width(label) + 1 + width(does) + between.length,
      -between.length,
    );
  for (let spare = 3; spare > 0; spare -= 1) {
    while (total() > columns && shown.some((item) => item.spare === spare)) {
      const last = shown.findLastIndex((item) => item.spare === spare);
      shown = shown.filter((_, index) => index !== last);
    }
  }
  return shown.map(({ label, does }) => ({ label, does }));
}

/** The row of keys as text. */
export function keyRowText(context: KeyContext, columns: number): string {
  return keyRow(context, columns)
    .map(({ label, does }) => `${label} ${does}`)
    .join(between);
}

/**
 * The keys of the screen `context` is of, by heading, for the help; what the question on it takes comes first.
 * A key is listed once, with the one thing it does there.
 */
export function helpGroups(
  context: KeyContext,
): { title: string; keys: { label: string; help: string }[] }[] {
  const groups = new Map<string, { label: string; help: string }[]>();
  const active = activeBindings({ ...context, typing: false }).filter(
    ({ action }) => action !== 'idle-enter',
  );
  const question = active.filter(({ action }) => action === 'answer');
  for (const binding of [...question, ...active.filter(({ action }) => action !== 'answer')]) {
    const title = binding.choice === undefined ? headingOf(binding) : 'The question on screen';
    const keys = groups.get(title) ?? [];
    groups.set(title, [...keys, { label: binding.keys.join(' '), help: binding.help }]);
  }
  return [...groups].map(([title, keys]) => ({ title, keys }));
}

function headingOf(binding: Binding): string {
  const group = table.find(({ bindings }) => bindings.some(({ when }) => when === binding.when));
  return group?.title ?? 'Everywhere';
}
