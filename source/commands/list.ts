import type { ExitStatus } from '../runbook/errors.ts';
import type { CommonOptions } from './options.ts';
import { openShippedRunbooks } from './runbook-files.ts';
import { printTable } from './aligned.ts';
import { printJson } from './terminal.ts';

/** `list`: the runbooks that come with the tool. */
export async function list(options: CommonOptions): Promise<ExitStatus> {
  const runbooks = await openShippedRunbooks();
  if (options.json) {
    printJson(
      runbooks.map(({ id, title, description, source, parameters }) => ({
        id,
        title,
        description,
        source,
        parameters: parameters.map((parameter) => ({
          name: parameter.name,
          description: parameter.description,
          default: parameter.default,
        })),
      })),
    );
    return 0;
  }
  const rows = runbooks.map(({ id, title, source }) => [id, source.date, title]);
  await printTable(['runbook', 'document', 'title'], rows);
  return 0;
}
