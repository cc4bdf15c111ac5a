/** Programs a test cannot do without. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Options for a test that needs these programs: skipped, with the reason, where one is not installed. In CI they have
 * to be there, so that there the test runs and fails.
 */
export function needs(
  ...programs: ('az' | 'kubectl' | 'chromium' | 'ssh-keygen' | 'bash' | 'zsh' | 'fish' | 'groff')[]
): {
  skip: string | false;
} {
  const missing = programs.filter((program) => !isInstalled(program));
  const skip = missing.length > 0 && process.env['CI'] !== 'true';
  return { skip: skip && `${missing.join(' and ')} not installed (.ci/run installs what is missing)` };
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
