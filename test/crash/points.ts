/** Where the tool and its keepers are struck: from the diary of a run that was left alone. */
import type { Blow, DiaryLine, Moment, Victim } from './blow.ts';

type Reached = Extract<DiaryLine, { name: string }>;

/** All of them. */
export function pointsOf(diary: readonly DiaryLine[]): Blow[] {
  const points: Blow[] = [];
  let kept = false;
  for (const { role, name, tears } of diary.filter((line): line is Reached => 'name' in line)) {
    if (role === 'tool' && name.startsWith('start keeper')) kept = true;
    // How often a command's output is written is up to the moment; the first time stands for all.
    if (role === 'keeper' && /^write \S+\.log #/.test(name)) continue;
    const victims: Victim[][] = role === 'tool' ? [['tool']] : [['keeper'], ['tool'], ['tool', 'keeper']];
    if (role === 'tool' && kept) victims.push(['keeper'], ['tool', 'keeper'], ['tool', 'keeper', 'command']);
    for (const when of momentsOf(name, tears))
      for (const struck of victims)
        // Half a write is left only by a process that dies of it.
        if (when !== 'during' || struck.includes(role)) points.push({ role, name, when, victims: struck });
    if (role === 'tool' && name.startsWith('sync journal.jsonl command.exited ')) kept = false;
  }
  return points;
}

/** Before something is, the disk is as after what came before it: only where a process acts is there a difference. */
function momentsOf(name: string, tears: boolean): Moment[] {
  const acts = /^(?:start|tell|write journal\.jsonl) /.test(name);
  return [...(acts ? ['before' as const] : []), ...(tears ? ['during' as const] : []), 'after'];
}

/**
 * A few of them: `count` about the commands, where the most can go wrong, spread evenly; some others; and the beginning
 * and the end. `CRASH_OFFSET` takes the next ones instead.
 */
export function tellingPoints(diary: readonly DiaryLine[], count: number): Blow[] {
  const all = pointsOf(diary);
  const isAbout = aboutCommands(diary);
  const offset = Number(process.env['CRASH_OFFSET'] ?? 0);
  const others = all.filter((blow) => !isAbout(blow));
  const ends = others.filter(({ name }) => /^sync .* run\.(?:started|completed)$/.test(name));
  return [...spread(all.filter(isAbout), count, offset), ...spread(others, 2, offset), ...ends];
}

/** Tells the points that are about a command from all the others. */
export function aboutCommands(diary: readonly DiaryLine[]): (blow: Blow) => boolean {
  const steps = diary.flatMap((line) =>
    'name' in line ? (/ command\.spawned (\S+)$/.exec(line.name)?.[1] ?? []) : [],
  );
  return ({ role, name }) =>
    role === 'keeper' || /^(?:start|tell) /.test(name) || steps.some((step) => name.includes(` ${step}`));
}

function spread<T>(all: readonly T[], count: number, offset: number): T[] {
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, index) => index % step === offset % step);
}
