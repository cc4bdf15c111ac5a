/** What comes from the keyboard, as few kinds of things as the screen cares about. */
import type { Key } from 'ink';

export interface Stroke {
  /** A key by name: a single character as it is, else `enter`, `esc`, `up`, `ctrl-c` and so on. */
  key?: string | undefined;
  /** Characters that can be typed into a field. */
  text?: string | undefined;
}

const named: readonly [keyof Key, string][] = [
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pgup'],
  ['pageDown', 'pgdn'],
  ['home', 'home'],
  ['end', 'end'],
  ['backspace', 'backspace'],
  // Terminals send either for the key above Enter.
  ['delete', 'backspace'],
];

/**
 * A stroke from what Ink hands on: one key press, or a chunk of characters that arrived at once (pasted without
 * bracketed paste, or typed faster than the terminal was read).
 */
export function strokeOf(input: string, key: Key): Stroke | undefined {
  if (key.eventType === 'release') return undefined;
  const name = named.find(([flag]) => key[flag] === true)?.[1];
  // Escape and Enter read as one (`meta`): which of the two was meant is not known.
  if (key.meta && name !== 'esc') return undefined;
  if (name !== undefined) return { key: name };
  // Ctrl-J, which some terminals send for Enter.
  if (input === '\n') return { key: 'enter' };
  if (key.ctrl) return { key: `ctrl-${input}` };
  if (input === '') return undefined;
  return [...input].length === 1 ? { key: input, text: input } : { text: input };
}
