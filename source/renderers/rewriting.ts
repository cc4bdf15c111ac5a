/** A rewrite of all Secrets in words and figures, worded once for both renderers. */
import { count } from '../engine/in-short.ts';
import type { RewriteView } from '../engine/ports.ts';
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
  const { rate, total, done, namespaces, namespacesDone, retries, refused, verifies } = view;
  const then = verifies ? '' : ', then they are verified';
  const left = total === undefined ? undefined : Math.max(0, total - done);
  return [
    ...(rate >= 1 ? [`${count(Math.round(rate))} a second`] : []),
    ...(rate >= 1 && left !== undefined && left > 0 ? [`${duration((left / rate) * 1000)} left${then}`] : []),
    // Those without a Secret too, unlike where it is told what was found.
    `${count(namespacesDone)} of ${count(namespaces)} namespaces looked through`,
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
