/** The stand-in for the Azure CLI. */
import { parseArguments } from './arguments.ts';
import { ArmClient, readConfig } from './arm-client.ts';
import { aksCommands } from './az-aks.ts';
import type { Command } from './az-command.ts';
import { print } from './az-output.ts';
import { resourceCommands } from './az-resources.ts';
import { sessionCommands } from './az-session.ts';
import { azError } from './ended.ts';

/**
 * Runs one az command. An interruption ends it at once, as it ends az: what Azure has begun goes on.
 *
 * @throws Ended with az's exit status: 1 for errors, 2 for a command line it does not know, 3 for a missing resource.
 */
export async function az(words: readonly string[]): Promise<void> {
  if (words[0] === '--version' || words[0] === '-v') {
    const { tools } = readConfig();
    const extensions = Object.entries(tools.extensions).map(
      ([name, version]) => `${name.padEnd(34)}${version}`,
    );
    process.stdout.write(
      `azure-cli                         ${tools.az}\n\nExtensions:\n${extensions.join('\n')}\n`,
    );
    return;
  }
  const client = new ArmClient();
  const all: Record<string, Command> = {
    ...sessionCommands(client),
    ...aksCommands(client),
    ...resourceCommands(client),
  };
  const end = words.findIndex((word) => word.startsWith('-'));
  const path = words.slice(0, end === -1 ? words.length : end);
  const length = [3, 2, 1].find((count) => path.slice(0, count).join(' ') in all && path.length >= count);
  const name = path.slice(0, length ?? 0).join(' ');
  const command = all[name];
  if (length === undefined || command === undefined)
    throw azError(`'${path.at(-1) ?? ''}' is misspelled or not recognized by the system.`, 2);
  const values = parseArguments(name, words.slice(length), command.options);
  if (
    name.startsWith('aks ') &&
    'aks-preview' in readConfig().tools.extensions &&
    !values.has('only-show-errors')
  )
    process.stderr.write(
      'WARNING: The behavior of this command has been altered by the following extension: aks-preview\n',
    );
  await print(await command.run(values), values, command.columns);
}
