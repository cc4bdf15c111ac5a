import type { Choice } from '../../questions.ts';

/** What decides which keys work. */
export interface KeyContext {
  screen:
    | 'home'
    | 'clusters'
    | 'runbooks'
    | 'form'
    | 'picker'
    | 'opening'
    | 'problem'
    | 'steps'
    | 'output'
    | 'record'
    | 'story'
    | 'summary';
  /** What lies over the screen and takes the keys. */
  over?: 'help' | 'write' | 'search' | 'filter' | 'leave' | undefined;
  /** What leaving would interrupt. */
  going: 'nothing' | 'work' | 'command' | 'rewrite';
  /** Secrets are being rewritten; `paused`: the operator has paused that. */
  rewriting: 'no' | 'going' | 'paused';
  /** Letters go into a field. */
  typing: boolean;
  /** Ways to answer the question on screen; none when there is none to answer now. */
  choices: readonly Choice[];
  /** There is room for one column only, and it shows this. */
  narrow: boolean;
  pane: 'list' | 'detail';
  /** The step shown is the one the run is at. */
  following: boolean;
  hasOutput: boolean;
  /** The output can be opened in the operator's own pager. */
  canPage: boolean;
  /** The step shown has a command. */
  hasCommand: boolean;
  /** There is a list to choose from, and it is narrowed by words. */
  narrowed: boolean;
  /** A search has been made in what is read. */
  searched: boolean;
  /** The run is under way in this session. */
  live: boolean;
  /** The session began at the home screen, so there is a way back to it. */
  hasHome: boolean;
  /** The value being filled in can be chosen from a list of clusters. */
  offersClusters: boolean;
  /** The last of the values a runbook asks for. */
  lastField: boolean;
}
