/** Commands the operator is told to type next. */
import { quoteWords } from '../plan/command.ts';

/** Where runs are, as far as a command has to be told. */
export interface Whereabouts {
  /** Among the rehearsals. */
  rehearsal: boolean;
  /** What `--state-dir` said; absent when it was not given, and the environment or the platform says it. */
  stateDir?: string | undefined;
}

/** `aks-kms-runbook resume 20261121-201500-ab12 --rehearse --state-dir /srv/runs`, in one line, to be copied. */
export function hint(words: readonly string[], { rehearsal, stateDir }: Whereabouts): string {
  return quoteWords([
    'aks-kms-runbook',
    ...words,
    ...(rehearsal ? ['--rehearse'] : []),
    ...(stateDir === undefined ? [] : ['--state-dir', stateDir]),
  ]);
}
