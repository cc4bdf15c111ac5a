import { useApp, useInput, useIsScreenReaderEnabled, usePaste, useWindowSize } from 'ink';
import { type ReactNode, useEffect, useMemo } from 'react';
import { ClustersScreen } from './clusters/ClustersScreen.tsx';
import { FormScreen } from './form/FormScreen.tsx';
import { HelpScreen } from './help/HelpScreen.tsx';
import { HomeScreen } from './home/HomeScreen.tsx';
import { contextBeneath, contextOf } from './keys/now.ts';
import { layout } from './layout.ts';
import { PagerScreen } from './pager/PagerScreen.tsx';
import { Keyboard } from './press.ts';
import { RunScreen } from './run/RunScreen.tsx';
import { SessionContext, useTui } from './screen/binding.tsx';
import { OpeningScreen, ProblemScreen, TooSmall } from './screen/Notices.tsx';
import { NoColour } from './screen/theme.ts';
import type { Session } from './session.ts';
import { strokeOf } from './strokes.ts';
import { SummaryScreen } from './summary/SummaryScreen.tsx';
import { Suspension } from './suspension.ts';

/** The whole screen: one reader of the keyboard, and whichever screen the state says. */
export function App({ session, noColour }: { session: Session; noColour: boolean }): ReactNode {
  return (
    <NoColour value={noColour}>
      <SessionContext value={session}>
        <Screen session={session} />
      </SessionContext>
    </NoColour>
  );
}

function Screen({ session }: { session: Session }): ReactNode {
  const linear = useIsScreenReaderEnabled();
  const size = { ...useWindowSize(), linear };
  const suspension = useSuspension(session);
  const keyboard = useMemo(() => new Keyboard(session, suspension), [session, suspension]);
  useInput((input, key) => {
    const stroke = strokeOf(input, key);
    if (stroke !== undefined) keyboard.press(stroke, size);
  });
  usePaste((text) => keyboard.paste(text, size));
  const { place, help, scroll } = useTui();
  if (layout(size).tooSmall) return <TooSmall size={size} />;
  if (help) {
    const rehearsal = place.screen === 'run' ? place.ui.view.state.header.rehearsal : session.app.rehearsal;
    return (
      <HelpScreen
        size={size}
        context={contextOf(session, size)}
        beneath={contextBeneath(session, size)}
        rehearsal={rehearsal}
        scroll={scroll}
      />
    );
  }
  switch (place.screen) {
    case 'home':
      return <HomeScreen data={place.data} size={size} rehearsal={session.app.rehearsal} />;
    case 'clusters':
      return <ClustersScreen clusters={place.clusters} size={size} />;
    case 'form':
      return <FormScreen form={place.form} size={size} />;
    case 'opening':
      return <OpeningScreen what={place.what} size={size} />;
    case 'problem':
      return <ProblemScreen what={place.what} next={place.next} size={size} />;
    case 'run': {
      const { ui } = place;
      if (ui.pager !== undefined && ui.dialog === undefined)
        return <PagerScreen ui={ui} pager={ui.pager} size={size} />;
      return ui.summary ? <SummaryScreen ui={ui} size={size} /> : <RunScreen ui={ui} size={size} />;
    }
  }
}

/** Gives the terminal away and takes it back, as each side wants it. */
function useSuspension({ terminal }: Session): Suspension {
  const { suspendTerminal } = useApp();
  const suspension = useMemo(
    () =>
      new Suspension(async () => {
        terminal.giveBack();
        const handle = await suspendTerminal();
        return {
          resume() {
            terminal.take();
            return handle.resume();
          },
        };
      }),
    [suspendTerminal, terminal],
  );
  useEffect(() => suspension.watch(), [suspension]);
  useEffect(() => () => terminal.giveBack(), [terminal]);
  return suspension;
}
