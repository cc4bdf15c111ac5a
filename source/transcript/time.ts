/** Times and lengths of time as the change record shows them. All times are UTC unless a time zone is named. */

/** `2026-11-21 01:02:03` of an ISO 8601 time in UTC. Anything else is shown as it is, and said to be unreadable. */
export function showTime(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso);
  return match === null ? `unreadable time ${iso}` : `${match[1]} ${match[2]}`;
}

/**
 * `2026-11-21 02:02` of an ISO 8601 time, by the clocks of a time zone (an IANA name); undefined when either cannot be
 * read.
 */
export function showLocalTime(iso: string, timeZone: string): string | undefined {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return undefined;
  try {
    // Swedish writes a date and a time as ISO 8601 does.
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    return format.format(time);
  } catch {
    return undefined;
  }
}

/** Clocks are set by so much now and then without anybody noticing. Milliseconds. */
const imprecision = 1000;

/**
 * Milliseconds from `start` to `end`; undefined when one is missing or unreadable, and when the clock was set back
 * between them, so that they do not tell. Never negative.
 */
export function between(start: string | undefined, end: string | undefined): number | undefined {
  if (start === undefined || end === undefined) return undefined;
  const length = Date.parse(end) - Date.parse(start);
  return Number.isNaN(length) || length <= -imprecision ? undefined : Math.max(0, length);
}

/** Milliseconds the clock went back between two times; undefined when it did not, or by next to nothing. */
export function wentBack(earlier: string, later: string): number | undefined {
  const length = Date.parse(earlier) - Date.parse(later);
  return length >= imprecision ? length : undefined;
}

/** `under 1s`, `12s`, `1m 12s`, `1h 02m`, `2d 03h`; seconds are left out from an hour on. */
export function showDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'under 1s';
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${two(hours % 24)}h`;
  if (hours > 0) return `${hours}h ${two(minutes % 60)}m`;
  if (minutes > 0) return `${minutes}m ${two(seconds % 60)}s`;
  return `${seconds}s`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
