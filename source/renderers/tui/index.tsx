/** The terminal screen. */
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { render } from 'ink';
import { App } from './App.tsx';
import { watchForAttention } from './attention.ts';
import type { TuiApp, TuiOptions, TuiResult } from './app.ts';
import { Session } from './session.ts';
import { createTuiStore, homePlace } from './store.ts';
import { Terminal } from './terminal.ts';

export type { HomeData, RunSummary, TuiApp, TuiOptions, TuiResult } from './app.ts';

/** Milliseconds the first frame waits for what it is to show. */
const firstFrameMs = 50;

/**
 * Draws the screen until the operator leaves, and says how that came about and what to leave on the primary
 * screen. Rejects with what a run or an opening failed with, once the terminal is as it was. Needs a terminal.
 */
export async function runTui(app: TuiApp, options: TuiOptions = {}): Promise<TuiResult> {
  const { stdin = process.stdin, stdout = process.stdout } = options;
  const screenReader = options.screenReader ?? process.env['INK_SCREEN_READER'] === 'true';
  const noColour = options.noColor ?? (process.env['NO_COLOR'] ?? '') !== '';
  const ended = Promise.withResolvers<TuiResult>();
  const store = createTuiStore(homePlace);
  const now = options.now ?? (() => new Date());
  // Read aloud, the list of steps comes when asked for.
  const pane = screenReader ? 'detail' : 'list';
  const environment = options.environment ?? process.env;
  const terminal = new Terminal({
    write: (data) => void stdout.write(data),
    environment,
    linear: screenReader,
  });
  const session = new Session(app, store, { now, pane, terminal }, (result) => {
    if (result instanceof Error) ended.reject(result);
    else ended.resolve(result);
  });
  const leave = (): void => session.leave();
  options.signal?.addEventListener('abort', leave, { once: true });
  const begun = session.begin();
  const unwatch = watchForAttention(session, terminal);
  // Ink keeps back what follows a frame at once: what is there in a moment is on the first one.
  await Promise.race([begun, delay(firstFrameMs)]);
  // Given back when the screen is taken down, in whatever way (`App.tsx`).
  terminal.take();
  // Before the first frame: what is typed until Ink listens would be echoed into it.
  try {
    stdin.setRawMode(true);
  } catch {
    // A terminal that is gone already is found out by what follows.
  }
  const instance = render(<App session={session} noColour={noColour} />, {
    stdin,
    stdout,
    // Ctrl-C asks first; Ink's own would end the process with status 0.
    exitOnCtrlC: false,
    // A screen reader reads what was said before as well, which an alternate screen takes away.
    alternateScreen: !screenReader,
    isScreenReaderEnabled: screenReader,
    incrementalRendering: true,
    interactive: true,
  });
  // The screen failing is a defect; it ends the session, too.
  instance.waitUntilExit().catch((error: unknown) => ended.reject(error));
  try {
    return await ended.promise;
  } finally {
    options.signal?.removeEventListener('abort', leave);
    session.close();
    unwatch();
    instance.unmount();
    await instance.waitUntilExit().catch(() => undefined);
  }
}
