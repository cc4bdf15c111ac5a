/** What clients ask first: the version, which resources there are, and what these look like. */
import type { Settings } from './state.ts';

type Json = Record<string, unknown>;

export function versionInfo(settings: Settings): Json {
  const [major, minor] = settings.kubernetesVersion.split('.');
  return {
    major,
    minor,
    gitVersion: `v${settings.kubernetesVersion}`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.24.0',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

/** The one resource of each group that is here. */
const groups = [
  { name: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { name: 'authentication.k8s.io', resource: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
];
const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update'];

/** The answer to a discovery path, or undefined when it is not one. */
export function discovery(path: string): Json | undefined {
  return documents[path];
}

const resource = (name: string, kind: string, namespaced: boolean, allowed: string[]): Json => ({
  name,
  singularName: kind.toLowerCase(),
  namespaced,
  kind,
  verbs: allowed,
});

const documents: Record<string, Json> = {
  '/api': {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:443' }],
  },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(({ name }) => versionsOf(name)) },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { ...resource('namespaces', 'Namespace', false, ['get', 'list']), shortNames: ['ns'] },
      { ...resource('secrets', 'Secret', true, verbs), storageVersionHash: 'S6u1pOWzb84=' },
    ],
  },
};
for (const { name, resource: plural, kind } of groups) {
  documents[`/apis/${name}`] = { kind: 'APIGroup', apiVersion: 'v1', ...versionsOf(name) };
  documents[`/apis/${name}/v1`] = {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${name}/v1`,
    resources: [resource(plural, kind, false, ['create'])],
  };
}

function versionsOf(name: string): Json {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
}

/** The content type of `/openapi/v2` for kubectl. */
export const openApiType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * `/openapi/v2` as Protocol Buffers, which `kubectl replace` checks a list of secrets against. It says that there is a
 * kind Secret and nothing about its fields, and that patching one knows `dryRun`, without which old kubectls refuse
 * `--dry-run=server`. Field numbers are those of gnostic's OpenAPIv2.proto.
 */
export function openApi(): Buffer {
  const kind = field(1, 'x-kubernetes-group-version-kind');
  const extension = field(31, kind, field(2, field(2, '- {group: "", kind: Secret, version: v1}\n')));
  const dryRun = field(1, field(2, field(3, field(2, 'query'), field(4, 'dryRun'))));
  const patch = field(
    8,
    field(8, dryRun),
    field(13, kind, field(2, field(2, 'group: ""\nkind: Secret\nversion: v1\n'))),
  );
  const path = field(2, field(1, '/api/v1/namespaces/{namespace}/secrets/{name}'), field(2, patch));
  const definition = field(1, field(1, 'io.k8s.api.core.v1.Secret'), field(2, extension));
  const info = field(2, field(1, 'Kubernetes'), field(2, 'rehearsal'));
  return Buffer.concat([field(1, '2.0'), info, field(8, path), field(9, definition)]);
}

/** One length-delimited field. */
function field(number: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([128 + (value % 128)]), varint(Math.floor(value / 128))]);
}
