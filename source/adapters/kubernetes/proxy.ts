/**
 * The proxy the environment names for an API server, as kubectl takes it: HTTPS_PROXY or HTTP_PROXY by the server's
 * scheme, unless NO_PROXY has the server. Source: FromEnvironment of golang.org/x/net/http/httpproxy.
 */
import { BlockList, isIP } from 'node:net';
import type { Environment } from '../command/capture.ts';

/** Its address; undefined: none, as always for this machine itself. */
export function proxyFor(server: URL, environment: Environment): string | undefined {
  const given = (name: string): string => environment[name] || environment[name.toLowerCase()] || '';
  const proxy = given(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (proxy === '' || isOwn(host)) return undefined;
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  const passed = given('NO_PROXY')
    .split(',')
    .some((entry) => matches(entry.trim().toLowerCase(), host, port));
  if (passed) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isOwn(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `entry` is `*`, an address, a range of addresses, or a domain with or without a dot before it; with a port or not. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, bracketed, named, entryPort] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // An IPv6 address without brackets has no port.
  const name = bracketed ?? named ?? entry;
  if (name === '' || (entryPort !== undefined && entryPort !== port)) return false;
  const [address = '', bits] = name.split('/');
  const kind = isIP(address);
  if (kind !== 0) return isIP(host) === kind && isWithin(host, address, bits);
  if (name.startsWith('.') || name.startsWith('*.')) return host.endsWith(name.replace('*', ''));
  return host === name || host.endsWith(`.${name}`);
}

function isWithin(host: string, address: string, bits: string | undefined): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix > most) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(host, family);
}
