/** The cluster's settings before and after a run, compared setting by setting. */
import type { ClusterSettings } from '../engine/events.ts';

/** One line of a comparison: kept, only before (`-`), or only after (`+`). */
export interface DiffLine {
  mark: ' ' | '-' | '+';
  /** `path: value` with the value as JSON, for example `azureKeyVaultKms.enabled: true`. Never has a line break. */
  text: string;
}

/**
 * Compares two readings of the settings. Settings are named by their path and sorted by it, so the result depends
 * on neither's key order. A changed setting gives its old line directly before its new one.
 */
export function diffSettings(before: ClusterSettings, after: ClusterSettings): readonly DiffLine[] {
  const old = new Map(flatten('', before));
  const now = new Map(flatten('', after));
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path): DiffLine[] => {
    const was = old.get(path);
    const is = now.get(path);
    if (was === is) return [{ mark: ' ', text: `${path}: ${is}` }];
    const lines: DiffLine[] = [];
    if (was !== undefined) lines.push({ mark: '-', text: `${path}: ${was}` });
    if (is !== undefined) lines.push({ mark: '+', text: `${path}: ${is}` });
    return lines;
  });
}

/** One reading of the settings, a line for each. */
export function listSettings(settings: ClusterSettings): readonly DiffLine[] {
  return diffSettings(settings, settings);
}

/** Every leaf as [path, JSON]. Empty lists and objects are leaves, so that one appearing is not missed. */
function flatten(path: string, value: unknown): [string, string][] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) => flatten(`${path}[${index}]`, item));
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => flatten(join(path, key), item));
  }
  // JSON has no word for undefined; a setting that is not there has no line.
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined || path === '' ? [] : [[path, json]];
}

function join(path: string, key: string): string {
  const name = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return path === '' ? name : `${path}.${name}`;
}
