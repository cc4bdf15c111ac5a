/** The simulated Azure Resource Manager: who may ask, and what answers which path. */
import { showsEncryptionProfile, requireVersion } from './api-versions.ts';
import { answerOpenly, checkToken, pollingHeaders, throttle } from './arm-access.ts';
import { changeCluster } from './arm-change.ts';
import { clusterResource, regionVersions, upgradeProfile } from './arm-cluster.ts';
import {
  featureInfo,
  groupInfo,
  identityInfo,
  permissions,
  resourceNotFound,
  roleAssignments,
  roleDefinitionInfo,
  roleDefinitionList,
  subscriptionInfo,
  tenantInfo,
  vaultInfo,
} from './arm-directory.ts';
import { answerGraph } from './graph.ts';
import { strikes } from './faults.ts';
import { armRefusal, asObject, asString, Hangup } from './http.ts';
import type { Reply, Request } from './http.ts';
import { neighboursOf } from './neighbours.ts';
import { queryResources, resourceGraphPath } from './resource-graph.ts';
import type { Simulation } from './simulation.ts';
import type { Operation } from './state.ts';
import { location, preview, subscription, subscriptionsOf, vault } from './subscription.ts';

/** What the ARM needs to know of where it is. */
export interface ArmPlace {
  armEndpoint: string;
  kubeconfig: () => string;
}

/** Writes what the stand-ins must know after the simulated tools changed; see `index.ts`. */
export type ToolsChanged = () => void;

/** How often az asks, on a connection that is reset, before it gives up: once, and three times again. */
const attemptsOfAz = 4;

type Handler = (found: string[], request: Request) => Reply;

const root = '/subscriptions/([^/]+)';
const group = `${root}/resourcegroups/([^/]+)`;
const clusters = 'providers/microsoft\\.containerservice/managedclusters';
const cluster = `${group}/${clusters}/([^/]+)`;
const featureProvider = `${root}/providers/microsoft\\.features/providers/([^/]+)/features`;

/** Answers requests to ARM. Refusals are thrown. */
export function createArm(
  simulation: Simulation,
  place: ArmPlace,
  toolsChanged: ToolsChanged,
): (request: Request) => Reply {
  const { state } = simulation;
  const neighbours = neighboursOf(simulation);
  const versioned = (request: Request): boolean =>
    showsEncryptionProfile(state, request.query.get('api-version'));

  const checkGroup = (name: string | undefined): void => {
    if (name?.toLowerCase() !== state.resourceGroup.toLowerCase())
      throw armRefusal(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  };

  const checkCluster = ([, resourceGroup, name]: string[]): void => {
    checkGroup(resourceGroup);
    if (name?.toLowerCase() !== state.clusterName.toLowerCase())
      throw resourceNotFound(`Microsoft.ContainerService/managedClusters/${name}`, resourceGroup ?? '');
  };

  const listClusters: Handler = ([, resourceGroup], request) => {
    const encryptionProfile = versioned(request);
    if (resourceGroup !== undefined) checkGroup(resourceGroup);
    return value([simulation, ...neighbours].map((view) => clusterResource(view, encryptionProfile)));
  };

  const putCluster: Handler = (found, request) => {
    const encryptionProfile = versioned(request);
    checkCluster(found);
    const operation = changeCluster(simulation, request.body, encryptionProfile);
    if (strikes(state, 'answer-lost')) cutOff();
    return {
      status: 200,
      headers: { 'azure-asyncoperation': operationUrl(operation), ...pollingHeaders(simulation) },
      body: clusterResource(simulation, encryptionProfile),
    };
  };

  const operationUrl = (operation: Operation): string =>
    `${place.armEndpoint}/subscriptions/${subscription.id}/providers/Microsoft.ContainerService/locations/` +
    `${location}/operations/${operation.id}?api-version=2025-03-01&t=${operation.startedAt}`;

  const cutOff = (): never => {
    simulation.save();
    throw new Hangup();
  };

  const getOperation: Handler = ([, , id]) => {
    if (strikes(state, 'polls-reset', attemptsOfAz)) cutOff();
    if (strikes(state, 'sign-in-ends')) {
      state.signedOut = true;
      simulation.save();
      checkToken(simulation, { headers: {} });
    }
    const operation = state.operations.find((known) => known.id === id);
    if (operation === undefined)
      throw armRefusal(404, 'OperationNotFound', `The operation '${id}' was not found.`);
    const running = operation.status === 'InProgress';
    return {
      status: 200,
      headers: running ? pollingHeaders(simulation) : {},
      body: {
        name: operation.id,
        status: operation.status,
        startTime: new Date(operation.startedAt).toISOString(),
        ...(running ? {} : { endTime: new Date(operation.endsAt).toISOString() }),
        ...(operation.error === undefined ? {} : { error: operation.error }),
      },
    };
  };

  const credentials: Handler = (found, request) => {
    versioned(request);
    checkCluster(found);
    const kubeconfig = Buffer.from(place.kubeconfig()).toString('base64');
    return body({ kubeconfigs: [{ name: 'clusterUser', value: kubeconfig }] });
  };

  const addExtension: Handler = ([name], request) => {
    const version = asString(asObject(request.body)['version']) ?? '19.0.0b13';
    state.tools.extensions[name ?? ''] = version;
    simulation.record({ operation: 'extension add', summary: { name, version } }, 'Succeeded');
    simulation.save();
    toolsChanged();
    return body(state.tools);
  };

  const routes: readonly [method: string, path: string, handler: Handler][] = [
    ['GET', '/tenants', () => value([tenantInfo()])],
    ['GET', '/subscriptions', () => value(subscriptionsOf(state).map(subscriptionInfo))],
    ['GET', root, () => body(subscriptionInfo(subscription))],
    ['GET', `${root}/resourcegroups`, () => value([groupInfo(state.resourceGroup)])],
    ['GET', group, ([, name]) => (checkGroup(name), body(groupInfo(state.resourceGroup)))],
    ['GET', `${root}/${clusters}`, listClusters],
    ['GET', `${group}/${clusters}`, listClusters],
    [
      'GET',
      cluster,
      (found, request) => {
        const encryptionProfile = versioned(request);
        const neighbour = neighbours.find(({ state }) => state.clusterName === found[2]?.toLowerCase());
        if (neighbour === undefined) checkCluster(found);
        else checkGroup(found[1]);
        return body(clusterResource(neighbour ?? simulation, encryptionProfile));
      },
    ],
    ['PUT', cluster, putCluster],
    [
      'GET',
      `${cluster}/upgradeprofiles/default`,
      (found) => (checkCluster(found), body(upgradeProfile(simulation))),
    ],
    ['POST', `${cluster}/listclusterusercredential`, credentials],
    ['POST', `${cluster}/listclusteradmincredential`, credentials],
    [
      'GET',
      `${root}/providers/microsoft\\.containerservice/locations/([^/]+)/operations/([^/]+)`,
      ([sub, , id], request) => getOperation([sub ?? '', '', id ?? ''], request),
    ],
    ['GET', `.*/providers/microsoft\\.authorization/permissions`, () => body(permissions(simulation))],
    [
      'GET',
      `(.*)/providers/microsoft\\.authorization/roleassignments`,
      ([scope], request) =>
        value(roleAssignments(simulation, scope ?? '', request.query.get('$filter') ?? '')),
    ],
    ['GET', `.*/providers/microsoft\\.authorization/roledefinitions`, () => value(roleDefinitionList())],
    [
      'GET',
      `.*/providers/microsoft\\.authorization/roledefinitions/([^/]+)`,
      ([guid]) => body(roleDefinitionInfo(guid ?? '')),
    ],
    [
      'GET',
      `${root}/providers/microsoft\\.containerservice/locations/([^/]+)/kubernetesversions`,
      () => body(regionVersions()),
    ],
    ['GET', featureProvider, () => value([featureInfo(simulation)])],
    ['GET', `${featureProvider}/([^/]+)`, (found) => (checkFeature(found), body(featureInfo(simulation)))],
    [
      'POST',
      `${featureProvider}/([^/]+)/register`,
      (found) => {
        checkFeature(found);
        if (simulation.featureState() === 'NotRegistered') {
          simulation.record(
            { operation: 'feature register', summary: { name: preview.feature } },
            'Succeeded',
          );
          simulation.registerFeature();
        }
        return body(featureInfo(simulation));
      },
    ],
    [
      'GET',
      `${group}/providers/microsoft\\.keyvault/vaults/([^/]+)`,
      ([, name, vaultName]) => (
        checkGroup(name),
        checkVault(vaultName, state.resourceGroup),
        body(vaultInfo(simulation))
      ),
    ],
    ['GET', `${root}/providers/microsoft\\.keyvault/vaults`, () => value([vaultInfo(simulation)])],
    ['GET', `${root}/resources`, () => value([vaultInfo(simulation)])],
    [
      'GET',
      `${group}/providers/microsoft\\.managedidentity/userassignedidentities/([^/]+)`,
      ([, name, identity]) => (checkGroup(name), body(identityInfo(simulation, identity ?? ''))),
    ],
    [
      'POST',
      resourceGraphPath.replaceAll('.', '\\.'),
      (_, request) => queryResources(simulation, neighbours, request),
    ],
    ['PUT', '/rehearsal/extensions/([^/]+)', addExtension],
  ];
  const compiled = routes.map(([method, path, handler]) => ({
    method,
    path: new RegExp(`^${path}/?$`, 'iu'),
    handler,
  }));

  return (request) => {
    const open = answerOpenly(simulation, place.armEndpoint, request);
    if (open !== undefined) return open;
    checkToken(simulation, request);
    const graph = answerGraph(request);
    if (graph !== undefined) return graph;
    throttle(simulation, request);
    for (const { method, path, handler } of compiled) {
      const found = method === request.method ? path.exec(request.path) : null;
      if (found === null) continue;
      if (!request.path.startsWith('/rehearsal/')) requireVersion(request.query.get('api-version'));
      checkSubscription(request.path);
      return handler(found.slice(1), request);
    }
    throw armRefusal(
      404,
      'InvalidResourceType',
      `The resource type or path '${request.path}' could not be found.`,
    );
  };
}

function value(items: unknown[]): Reply {
  return { status: 200, body: { value: items } };
}

function body(item: unknown): Reply {
  return { status: 200, body: item };
}

function checkFeature([, namespace, name]: string[]): void {
  if (`${namespace}/${name}`.toLowerCase() !== `${preview.namespace}/${preview.feature}`.toLowerCase())
    throw armRefusal(404, 'FeatureNotFound', `The feature '${name}' could not be found.`);
}

function checkSubscription(path: string): void {
  const id = /^\/subscriptions\/([^/]+)/iu.exec(path)?.[1];
  if (id === undefined || id.toLowerCase() === subscription.id) return;
  throw armRefusal(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
}

function checkVault(name: string | undefined, resourceGroup: string): void {
  if (name?.toLowerCase() !== vault.name)
    throw resourceNotFound(`Microsoft.KeyVault/vaults/${name}`, resourceGroup);
}
