/** Where a process is stopped, and which: said to `preload.ts` through the environment. */
export interface Blow extends Boundary {
  when: Moment;
  victims: readonly Victim[];
}

/** `command`: what the keeper started. */
export type Victim = Role | 'command';

export type Role = 'tool' | 'keeper';

/** `during`: a write of which half got through. */
export type Moment = 'before' | 'during' | 'after';

/** Something a process does to the world, by a name that no other boundary of its process has. */
export interface Boundary {
  role: Role;
  name: string;
}

/** A line of the diary: a boundary that was reached when nothing is to be struck, or the blow that was. */
export type DiaryLine = (Boundary & { tears: boolean }) | { struck: true };

export const diaryVariable = 'CRASH_DIARY';
export const blowVariable = 'CRASH_BLOW';
