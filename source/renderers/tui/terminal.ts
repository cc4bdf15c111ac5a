/**
 * What the screen asks of the terminal besides drawing: its title, a bell, a notification, the clipboard, no line
 * wrapping. Each is a sequence that moves no cursor, so it may be written between two frames; a terminal that does
 * not know one passes over it.
 */
import { clean, cut } from '../text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface TerminalOptions {
  write(data: string): void;
  environment: Environment;
  /** One thing under the other, for a screen reader: the terminal wraps its lines itself. */
  linear: boolean;
}

const bell = '\u0007';
const escape = '\u001b';

/**
 * Automatic line wrapping (DECAWM), off while the screen is drawn: where the terminal takes a character for wider
 * than it was measured, the row is cut at the edge, and all other rows stay where they are.
 */
const wrapping = { off: `${escape}[?7l`, on: `${escape}[?7h` };

/** The terminal's own stack of window titles (XTWINOPS), so that the one from before comes back. */
const titleStack = { push: `${escape}[22;2t`, pop: `${escape}[23;2t` };

/** Columns of a title or a notification: more is not shown anywhere. */
const longest = 120;

export class Terminal {
  readonly #write: (data: string) => void;
  readonly #environment: Environment;
  readonly #linear: boolean;
  readonly #talks: boolean;
  readonly #quiet: boolean;
  #held = false;
  #title = '';

  constructor({ write, environment, linear }: TerminalOptions) {
    this.#write = write;
    this.#environment = environment;
    this.#linear = linear;
    // The console of a machine shows such sequences as text.
    this.#talks =
      !['linux', 'dumb', '', undefined].includes(environment['TERM']) ||
      environment['WT_SESSION'] !== undefined;
    this.#quiet = (environment['AKS_KMS_RUNBOOK_QUIET'] ?? '') !== '';
  }

  /** Takes the terminal: from here on its title is ours. */
  take(): void {
    if (this.#held) return;
    this.#held = true;
    if (!this.#linear) this.#write(wrapping.off);
    if (!this.#talks) return;
    this.#write(titleStack.push);
    const title = this.#title;
    this.#title = '';
    this.title(title);
  }

  /** Gives it back as it was. */
  giveBack(): void {
    if (!this.#held) return;
    this.#held = false;
    // Without a stack of titles, none is better than one that is not true any more.
    if (this.#talks) this.#write(osc('2;') + titleStack.pop);
    this.#write(wrapping.on);
  }

  /** Names the window. */
  title(text: string): void {
    const title = plain(text);
    if (title === this.#title) return;
    this.#title = title;
    if (this.#held && this.#talks) this.#write(osc(`2;${title}`));
  }

  /** Calls the operator: the bell, and a notification of the desktop where the terminal has them. */
  call(text: string): void {
    if (!this.#held || this.#quiet) return;
    this.#write(this.#talks ? bell + this.#through(notification(plain(text), this.#environment)) : bell);
  }

  /** Hands a text to the clipboard of the operator's own machine, also over ssh (OSC 52). False: it cannot be. */
  copy(text: string): boolean {
    if (!this.#talks) return false;
    this.#write(osc(`52;c;${Buffer.from(text, 'utf8').toString('base64')}`));
    return true;
  }

  /** Past tmux, which hands on only what is wrapped for it (and if its `allow-passthrough` is on). */
  #through(sequence: string): string {
    if ((this.#environment['TMUX'] ?? '') === '') return sequence;
    return `${escape}Ptmux;${sequence.replaceAll(escape, escape + escape)}${escape}\\`;
  }
}

function osc(content: string): string {
  return `${escape}]${content}${bell}`;
}

/**
 * OSC 777 for the terminals that know only that one (VTE, rxvt, foot), else OSC 9. One of the two: some terminals know
 * both, and would tell everything twice.
 */
function notification(text: string, { VTE_VERSION, TERM = '' }: Environment): string {
  const only777 = VTE_VERSION !== undefined || /^(rxvt|foot)/.test(TERM);
  return only777 ? osc(`777;notify;aks-kms-runbook;${text.replaceAll(';', ',')}`) : osc(`9;${text}`);
}

/** One line without anything a terminal would act on. */
function plain(text: string): string {
  return cut(clean(text).replaceAll(/\s+/g, ' ').trim(), longest);
}
