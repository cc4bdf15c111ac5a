/** az commands about az itself: its version, the sign-in, the cloud, extensions. */
import { cloudDescription } from '../cloud.ts';
import { tenant } from '../subscription.ts';
import { readConfig } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import type { Values } from './arguments.ts';
import { name, yes } from './az-command.ts';
import type { Command, Json } from './az-command.ts';
import { changeProfile, readProfile, subscriptionNamed } from './az-profile.ts';
import { azError } from './ended.ts';

/** By their words. */
export function sessionCommands(client: ArmClient): Record<string, Command> {
  const { tools } = readConfig();
  return {
    version: { options: [], run: () => versions(tools) },
    login: {
      options: [
        { names: ['--identity', '-i'], flag: true },
        { names: ['--tenant', '-t'] },
        { names: ['--use-device-code'], flag: true },
        { names: ['--username', '-u'] },
      ],
      run: (values) => login(client, values),
    },
    logout: { options: [], run: () => undefined },
    'account show': {
      options: [{ names: ['--name', '-n', '-s'] }],
      run: (values) => account(chosen(values)),
    },
    'account list': {
      options: [
        { names: ['--all'], flag: true },
        { names: ['--refresh'], flag: true },
      ],
      run: () => listAccounts(),
    },
    'account set': { options: [{ names: ['--name', '-n', '-s'] }], run: (values) => setAccount(values) },
    'account get-access-token': {
      options: [
        { names: ['--resource'] },
        { names: ['--scope'] },
        { names: ['--tenant', '-t'] },
        { names: ['--resource-type'] },
        { names: ['--name', '-n', '-s'] },
      ],
      run: (values) => accessToken(client, values),
    },
    'cloud show': { options: [{ names: ['--name', '-n'] }], run: () => cloud(readConfig().armEndpoint) },
    'extension list': { options: [], run: () => Object.entries(tools.extensions).map(extension) },
    'extension show': { options: [name], run: (values) => showExtension(tools, values) },
    'extension add': {
      options: [
        name,
        { names: ['--version'] },
        { names: ['--upgrade', '-U'], flag: true },
        { names: ['--allow-preview'] },
        yes,
      ],
      run: (values) => addExtension(client, values),
    },
    'extension update': {
      options: [name, { names: ['--allow-preview'] }],
      run: (values) => addExtension(client, values),
    },
  };
}

function versions(tools: { az: string; extensions: Record<string, string> }): Json {
  return {
    'azure-cli': tools.az,
    'azure-cli-core': tools.az,
    'azure-cli-telemetry': '1.1.0',
    extensions: tools.extensions,
  };
}

/** A subscription as `az account show` prints it. */
function account({ id, name: shownName } = subscriptionNamed(readProfile().subscription) ?? none): Json {
  const { user, subscription } = readProfile();
  return {
    environmentName: cloudDescription('').name,
    homeTenantId: tenant.id,
    id,
    isDefault: id === subscription,
    managedByTenants: [],
    name: shownName,
    state: 'Enabled',
    tenantDefaultDomain: tenant.domain,
    tenantDisplayName: tenant.name,
    tenantId: tenant.id,
    user: { name: user, type: 'user' },
  };
}

const none = { id: '', name: '' };

function listAccounts(): Json[] {
  return readConfig().subscriptions.map((one) => {
    const { environmentName, ...shown } = account(one);
    return { cloudName: environmentName, ...shown };
  });
}

/** Signs in, as `--username` if that is said: the simulation has one account, and calls it as asked. */
async function login(client: ArmClient, values: Values): Promise<Json[]> {
  const user = values.get('username');
  if (user === undefined) await client.signIn();
  else changeProfile({ user });
  return [account()];
}

function setAccount(values: Values): void {
  changeProfile({ subscription: chosen(values).id });
}

/** The subscription an `az account` command names, else the default. */
function chosen(values: Values): { id: string; name: string } {
  const wanted = values.get('name') ?? values.get('subscription') ?? readProfile().subscription;
  const known = subscriptionNamed(wanted);
  if (known !== undefined) return known;
  throw azError(`The subscription of '${wanted}' doesn't exist in cloud '${cloudDescription('').name}'.`);
}

async function accessToken(client: ArmClient, values: Values): Promise<Json> {
  const scope = values.get('scope')?.replace(/\.default$/u, '');
  const token = await client.token(values.get('resource') ?? scope);
  const expires = Number(token['expires_on']);
  const local = new Date((expires - new Date(expires * 1000).getTimezoneOffset() * 60) * 1000);
  return {
    accessToken: token['access_token'],
    expiresOn: `${local.toISOString().slice(0, 19).replace('T', ' ')}.000000`,
    expires_on: expires,
    subscription: chosen(values).id,
    tenant: tenant.id,
    tokenType: 'Bearer',
  };
}

function cloud(armEndpoint: string): Json {
  const { name: cloudName, config } = cloudDescription(armEndpoint);
  return { ...config, isActive: true, name: cloudName, profile: 'latest' };
}

function extension([extensionName, version]: [string, string]): Json {
  return { experimental: false, extensionType: 'whl', name: extensionName, path: '', preview: true, version };
}

function showExtension(tools: { extensions: Record<string, string> }, values: Values): Json {
  const wanted = values.get('name') ?? '';
  const version = tools.extensions[wanted];
  if (version === undefined) throw azError(`The extension ${wanted} is not installed.`, 3);
  return extension([wanted, version]);
}

async function addExtension(client: ArmClient, values: Values): Promise<undefined> {
  await client.ask('PUT', `/rehearsal/extensions/${values.get('name')}`, '1', {
    version: values.get('version'),
  });
}
