/** Durations as authors write them. */

/** Hours, minutes and seconds, largest first: `90s`, `30m`, `1h`, `1h30m`. */
export const durationPattern = /^(?=\d)(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s)?$/;

/** Milliseconds, or undefined when the text is no duration or is not longer than nothing. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3]].map((part) => Number(part ?? 0));
  const total = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
  return total > 0 ? total : undefined;
}

/** The duration somebody meant who wrote it in other words: `15 minutes`, `90S`. Undefined when that cannot be told. */
export function durationMeant(text: string): string | undefined {
  const [, number = '', unit = ''] = /^\s*(\d+)\s*([hms])[a-z.]*\s*$/i.exec(text) ?? [];
  const meant = `${number}${unit.toLowerCase()}`;
  return parseDuration(meant) === undefined ? undefined : meant;
}
