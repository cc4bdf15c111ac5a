/**
 * Sign-in programs of a kubeconfig, such as kubelogin. The library would start them itself, with nothing to end one by
 * that never answers, and without telling it what it is asked for.
 * Source: "client-go credential plugins" in the Kubernetes documentation.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { runForText } from '../command/capture.ts';

/** The part of `users[].user.exec` that is heeded. */
interface Plugin {
  apiVersion?: string;
  command?: string;
  args?: readonly string[] | null;
  env?: readonly { name: string; value: string }[] | null;
  provideClusterInfo?: boolean;
  installHint?: string;
}

interface Credential {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

/** How long one may take: somebody may have to sign in with a browser. Milliseconds. */
const longest = 300_000;

/**
 * Has the plugins of `config` run by `signal`'s leave: they are ended, with what they started, when it is aborted. What
 * one gives is kept until it runs out by its own word. Signing in throws an `Error` that says why it did not work.
 */
export function usePlugins(config: KubeConfig, signal: () => AbortSignal): void {
  const plugins = new Map<string, Plugin>();
  for (const user of config.getUsers()) {
    if (!user.exec) continue;
    plugins.set(user.name, user.exec as Plugin);
    Object.assign(user, { exec: undefined });
  }
  const known = new Map<string, Credential>();
  config.addAuthenticator({
    isAuthProvider: ({ name }) => plugins.has(name),
    async applyAuthentication({ name }, options) {
      const before = known.get(name);
      const credential =
        before && lasts(before) ? before : await run(plugins.get(name) ?? {}, config, signal());
      known.set(name, credential);
      const { token, clientCertificateData: cert, clientKeyData: key } = credential;
      Object.assign(options, { ...(cert && { cert }), ...(key && { key }) });
      if (token) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
}

function lasts({ expirationTimestamp }: Credential): boolean {
  return expirationTimestamp === undefined || Date.parse(expirationTimestamp) > Date.now();
}

async function run(plugin: Plugin, config: KubeConfig, signal: AbortSignal): Promise<Credential> {
  const { command, args, env, installHint } = plugin;
  if (!command) throw new Error('the kubeconfig names no program for it');
  const given = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const result = await runForText([command, ...(args ?? [])], {
    environment: { ...process.env, ...given, KUBERNETES_EXEC_INFO: JSON.stringify(asked(plugin, config)) },
    signal,
    timeout: longest,
  });
  if (result.failure === 'missing') throw new Error(`${command} was not found. ${installHint ?? ''}`.trim());
  if (result.failure === 'timeout') throw new Error(`${command} did not come to an end`);
  if (result.code !== 0)
    throw new Error(result.stderr || `${command} ended with ${result.code ?? 'a signal'}`);
  return credentialIn(result.stdout, command);
}

function asked({ apiVersion, provideClusterInfo }: Plugin, config: KubeConfig): object {
  const cluster = config.getCurrentCluster();
  const about = provideClusterInfo &&
    cluster && {
      server: cluster.server,
      'tls-server-name': cluster.tlsServerName,
      'insecure-skip-tls-verify': cluster.skipTLSVerify,
      'certificate-authority-data': cluster.caData,
      'proxy-url': cluster.proxyUrl,
    };
  return {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(about && { cluster: about }) },
  };
}

/** What it printed is not told: it may be a secret. */
function credentialIn(text: string, command: string): Credential {
  let answer: { status?: Credential } | undefined;
  try {
    answer = JSON.parse(text) as { status?: Credential };
  } catch {
    throw new Error(`${command} printed no ExecCredential`);
  }
  const { status } = answer ?? {};
  if (!status?.token && !status?.clientCertificateData)
    throw new Error(`${command} gave neither a token nor a certificate`);
  return status;
}
