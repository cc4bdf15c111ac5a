/** Times and lengths of time, worded once for both renderers. */

/** `0s`, `12s`, `1m12s`, `1h02m`: short enough for a column. Negative is `0s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** A normal length, without false precision: `30s`, `5m`, `1h30m`. */
export function roughDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** `2026-11-21 09:03 UTC` of an ISO 8601 time; unreadable text is shown as it is. */
export function clockTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `21:34` on the operator's own clock; with the day, `11-20 21:34`, when that is not today's. */
export function localTime(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  const today = time.toDateString() === now.toDateString();
  return today ? clock : `${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** Milliseconds from `start` to `end`, both ISO 8601; 0 when unreadable. */
export function between(start: string, end: string): number {
  const length = Date.parse(end) - Date.parse(start);
  return Number.isNaN(length) ? 0 : Math.max(0, length);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
