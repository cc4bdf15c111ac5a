/** A rewrite of all Secrets in words and figures, worded once for both renderers. */
import type { RewriteView } from '../engine/ports.ts';
import { isClean, namespacesOf } from '../engine/rewriting.ts';
import type { RewritePass, RewriteState } from '../engine/rewriting.ts';
import { duration } from './time.ts';

/** `1,200 of 50,000 Secrets (2%)`; without a total, what is done. */
export function doneText({ done, total }: RewriteView): string {
  const secrets = `${count(done)} Secrets`;
  if (total === undefined) return secrets;
  const share = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
  return `${count(done)} of ${count(Math.max(total, done))} Secrets (${share}%)`;
}

/** How fast, how long still, how far among the namespaces, and what is in the way. */
export function paceText(view: RewriteView): string {
  const { rate, total, done, namespaces, namespacesDone, retries, refused } = view;
  const left = total === undefined ? undefined : Math.max(0, total - done);
  return [
    ...(rate >= 1 ? [`${count(Math.round(rate))} a second`] : []),
    ...(rate >= 1 && left !== undefined && left > 0 ? [`${duration((left / rate) * 1000)} left`] : []),
    `${count(namespacesDone)} of ${count(namespaces)} namespaces`,
    ...(retries > 0 ? [`${count(retries)} sent again`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
  ].join(' · ');
}

/** A bar of `columns` columns. It says nothing the text beside it does not. */
export function bar({ done, total }: RewriteView, columns: number): string {
  const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.floor(share * columns);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, columns - full));
}

/** What a rewrite has come to, in one sentence; undefined before anything was done. */
export function rewriteSummary(passes: RewriteState): string | undefined {
  const [first] = passes;
  const last = passes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const begun = first.counts.listed > 0 || first.endedAt !== undefined;
  const parts = first.verifies || !begun ? [] : [writtenText(first)];
  if (last.verifies && last.endedAt !== undefined) parts.push(verifiedText(last, passes));
  return parts.length === 0 ? undefined : parts.join('; ');
}

function writtenText(pass: RewritePass): string {
  const { listed, rewritten, current, gone, refused } = pass.counts;
  const places = [...namespacesOf(pass).values()].filter(({ counts }) => counts.listed > 0).length;
  const parts = [
    `${count(rewritten)} written again`,
    `${count(current)} current before`,
    ...(gone > 0 ? [`${count(gone)} deleted meanwhile`] : []),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
  ];
  const end = pass.endedAt === undefined ? ' (not finished)' : '';
  return `${many(listed, 'Secret')} in ${many(places, 'namespace')}: ${parts.join(', ')}${end}`;
}

function many(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function verifiedText(last: RewritePass, passes: RewriteState): string {
  const { counts } = last;
  const proven = counts.current + counts.rewritten - last.unproven.length;
  const times = passes.filter(({ verifies }) => verifies).length;
  const again = times > 1 ? ` at the ${times}. verification` : '';
  if (!isClean(last))
    return `not verified: ${count(counts.rewritten)} of ${count(counts.listed)} moved${again}`;
  return `verified${again}: ${count(proven)} are under the current key`;
}

/** `50,000`. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
