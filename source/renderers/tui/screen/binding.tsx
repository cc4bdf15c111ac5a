/** The thin line between React and everything else: the session in a context, and reading the store. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand/react';
import type { Session } from '../session.ts';
import type { TuiState } from '../store.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of this screen. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('the screen is drawn outside of a session');
  return session;
}

/** The state of the screen; drawn anew when it changes. */
export function useTui(): TuiState {
  return useStore(useSession().store);
}
