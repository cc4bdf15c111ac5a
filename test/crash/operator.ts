/** Operators at a plain terminal: what they answer to what they read. */

export interface Operator {
  name: string;
  /** Does what is proposed, so that the run has to end as if nothing had happened. */
  follows: boolean;
  /** The keys to press; `text` is the screen, which ends in a question. */
  answer(text: string): string;
}

/** How the line ends in which plain mode waits for an answer. */
export const questionEnd = /(?:Your choice: |\(s skips, q stops\) |(?:left out|counts? as done)\? )$/;

/**
 * Goes ahead with what is proposed; what failed is tried again. Where nothing is, looks at the cluster first: `acted`
 * tells whether Azure has been asked for what the step is for.
 */
export function follower(acted: () => boolean): Operator {
  let retries = 0;
  return {
    name: 'does what is proposed',
    follows: true,
    answer(text) {
      if (typed(text)) return 'rehearsal\r';
      if (/(?:left out|counts? as done)\?$/.test(text)) return 'seen in the portal\r';
      const keys = choices(text);
      if (keys.includes('enter')) return '\r';
      if (keys.includes('y')) return 'y\r';
      if (/Whether it took effect/.test(lastBlock(text)) && acted()) return 'd\r';
      retries += 1;
      return keys.includes('r') && retries < 5 ? 'r\r' : 'q\r';
    },
  };
}

/** Stops at the first question, and next time does something else than what is proposed after an interruption. */
export function contrarian(): Operator {
  let stopped = false;
  let contradicted = false;
  const contradict = (keys: string): string => {
    if (contradicted) return 'q\r';
    contradicted = true;
    return keys;
  };
  return {
    name: 'stops, then does something else',
    follows: false,
    answer(text) {
      if (/(?:left out|counts? as done)\?$/.test(text)) return 'tried on purpose\r';
      if (!stopped) {
        stopped = true;
        return 'q\r';
      }
      if (typed(text)) return 'rehearsal\r';
      const asked = text.slice(0, text.lastIndexOf('Your choice:'));
      if (/It took effect:[^]*$/.test(lastBlock(asked))) return contradict('r\r');
      if (/It did not take effect:/.test(lastBlock(asked))) return contradict('s\r');
      if (/Whether it took effect/.test(lastBlock(asked))) return contradict('d\r');
      if (/This step failed/.test(lastBlock(asked))) return contradict('s\r');
      const keys = choices(text);
      return keys.includes('enter') ? '\r' : keys.includes('y') ? 'y\r' : 'q\r';
    },
  };
}

function typed(text: string): boolean {
  return text.endsWith('(s skips, q stops)');
}

/** The keys offered by the question at the end. */
function choices(text: string): string[] {
  return [...lastBlock(text).matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, key = '']) => key);
}

function lastBlock(text: string): string {
  return text.slice(text.trimEnd().lastIndexOf('\n\n') + 1);
}
