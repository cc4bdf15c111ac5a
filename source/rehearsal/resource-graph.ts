/**
 * The simulated Azure Resource Graph, version 2024-04-01. It shows resources as their newest stable api-version has
 * them, so without what only preview versions know. Of the Kusto language it understands a table, `where type =~`,
 * `project` and `order by … asc`; anything else is refused as a query that is not valid.
 * Source: https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources and
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data.
 */
import { clusterResource } from './arm-cluster.ts';
import type { ClusterView } from './arm-cluster.ts';
import { subscriptionInfo, vaultInfo } from './arm-directory.ts';
import { Refusal, asObject, asString } from './http.ts';
import type { Reply, Request } from './http.ts';
import type { Simulation } from './simulation.ts';
import { subscription, tenant } from './subscription.ts';

type Row = Record<string, unknown>;

/** The path of queries. They are sent by POST and change nothing. */
export const resourceGraphPath = '/providers/microsoft.resourcegraph/resources';

/** The most rows of one page. */
const largestPage = 1000;

/** Answers a query. `neighbours` are the clusters besides the simulation's own. */
export function queryResources(
  simulation: Simulation,
  neighbours: readonly ClusterView[],
  request: Request,
): Reply {
  const body = asObject(request.body);
  const options = asObject(body['options']);
  const scopes = body['subscriptions'];
  const visible = !Array.isArray(scopes) || scopes.some((id) => String(id).toLowerCase() === subscription.id);
  const { rows, projected } = evaluate(asString(body['query']) ?? '', (name) =>
    visible ? table(simulation, neighbours, name) : [],
  );
  const from = offset(options['$skipToken']);
  const page = rows.slice(from, from + pageSize(options['$top']));
  const end = from + page.length;
  const truncated = end < rows.length;
  return {
    status: 200,
    headers: { 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05' },
    body: {
      totalRecords: rows.length,
      count: page.length,
      data: page,
      facets: [],
      resultTruncated: String(truncated),
      // Without the id among the columns there is no way to the next page.
      ...(truncated && projected.has('id') ? { $skipToken: skipToken(end) } : {}),
    },
  };
}

function table(simulation: Simulation, neighbours: readonly ClusterView[], name: string): Row[] {
  if (name === 'resourcecontainers') return [subscriptionRow()];
  const clusters = [simulation, ...neighbours].map((view) => clusterResource(view, false));
  return [...clusters, vaultInfo(simulation)].map(resourceRow);
}

/** A resource has its type in lower case here, and says where it is in columns of its own. */
function resourceRow(resource: Row): Row {
  const group = /\/resourceGroups\/([^/]+)\//u.exec(String(resource['id']))?.[1] ?? '';
  return {
    ...resource,
    type: String(resource['type']).toLowerCase(),
    tenantId: tenant.id,
    subscriptionId: subscription.id,
    resourceGroup: group.toLowerCase(),
  };
}

function subscriptionRow(): Row {
  const { id, displayName } = subscriptionInfo(subscription);
  return {
    id,
    name: displayName,
    type: 'microsoft.resources/subscriptions',
    tenantId: tenant.id,
    subscriptionId: subscription.id,
    properties: { state: 'Enabled' },
  };
}

function evaluate(query: string, read: (table: string) => Row[]): { rows: Row[]; projected: Set<string> } {
  const [source = '', ...clauses] = query.split('|').map((clause) => clause.trim());
  const name = source.toLowerCase();
  if (name !== 'resources' && name !== 'resourcecontainers') throw invalidQuery();
  let rows = read(name);
  let projected = new Set(['id']);
  for (const clause of clauses) {
    const type = /^where type =~ '([^']+)'$/iu.exec(clause)?.[1];
    const columns = /^project ([\w.,=\s]+)$/iu.exec(clause)?.[1];
    const sorted = /^order by (\w+) asc$/iu.exec(clause)?.[1];
    if (type !== undefined) rows = rows.filter((row) => row['type'] === type.toLowerCase());
    else if (columns !== undefined) {
      const wanted = columns.split(',').map(column);
      rows = rows.map((row) => Object.fromEntries(wanted.map(({ name, path }) => [name, at(row, path)])));
      projected = new Set(wanted.map(({ name }) => name));
    } else if (sorted !== undefined)
      rows = rows.toSorted((a, b) => String(a[sorted]).localeCompare(String(b[sorted])));
    else throw invalidQuery();
  }
  return { rows, projected };
}

function column(text: string): { name: string; path: string } {
  const [name = '', path = name] = text.split('=').map((part) => part.trim());
  return { name, path };
}

/** What a path leads to; null, as Kusto has it, where it leads nowhere. */
function at(row: Row, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => asObject(value)[name], row) ?? null;
}

function pageSize(top: unknown): number {
  if (top === undefined) return largestPage;
  if (typeof top === 'number' && top >= 1 && top <= largestPage) return top;
  throw badRequest('InvalidQueryOptions', `The value of $top has to be between 1 and ${largestPage}.`);
}

function skipToken(from: number): string {
  return Buffer.from(JSON.stringify({ from })).toString('base64url');
}

function offset(token: unknown): number {
  if (token === undefined || token === null) return 0;
  try {
    return (JSON.parse(Buffer.from(String(token), 'base64url').toString()) as { from: number }).from;
  } catch {
    throw badRequest('InvalidSkipToken', 'The provided skip token is not valid.');
  }
}

function invalidQuery(): Refusal {
  return badRequest(
    'InvalidQuery',
    'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error ' +
      'before retrying.',
  );
}

/** Resource Graph says what is wrong in the details of an error that is always a BadRequest. */
function badRequest(code: string, message: string): Refusal {
  const support = `Please provide below info when asking for support: timestamp = ${new Date().toISOString()}.`;
  return new Refusal({
    status: 400,
    body: { error: { code: 'BadRequest', message: support, details: [{ code, message }] } },
  });
}
