/** `completion`: the scripts with which a shell asks the tool itself what can stand where TAB was pressed. */
import { readFileSync } from 'node:fs';
import type { ExitStatus } from '../runbook/errors.ts';
import type { Shell } from './program.ts';

/** By the names under which the shells look for them. */
const files: Readonly<Record<Shell, string>> = {
  bash: 'aks-kms-runbook.bash',
  zsh: '_aks-kms-runbook',
  fish: 'aks-kms-runbook.fish',
};

/** The folder is beside `dist/` when bundled, beside `source/` otherwise. */
const folder = new URL(
  import.meta.url.endsWith('.ts') ? '../../completions/' : '../completions/',
  import.meta.url,
);

/** Prints the script for a shell. */
export function completion(shell: Shell): ExitStatus {
  process.stdout.write(readFileSync(new URL(files[shell], folder), 'utf8'));
  return 0;
}
