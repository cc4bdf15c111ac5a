/** Something asked in the middle of the run screen that is not the run's own question. */
import type { Activity } from '../../../engine/controller.ts';
import type { Choice } from '../../questions.ts';

export type Dialog =
  /** Writing a line: for an answer that needs one (`choice`), or a note to the record. */
  | { kind: 'write'; ask: string; text: string; choice?: Choice | undefined; problem?: string | undefined }
  /** Leaving, or ending what runs. `what` is what would be interrupted. */
  | { kind: 'leave'; what: Interruptible };

/** What leaving would interrupt. */
export type Interruptible = 'nothing' | 'work' | 'command' | 'rewrite';

/** What goes on, by what interrupting it means. */
export function interruptible(activity: Activity | undefined): Interruptible {
  if (activity === undefined) return 'nothing';
  if (activity.command) return 'command';
  return activity.rewrite === undefined ? 'work' : 'rewrite';
}

/** The dialog for leaving while `activity` goes on. */
export function leaveDialog(activity: Activity | undefined): Dialog {
  return { kind: 'leave', what: interruptible(activity) };
}

/** What is asked before leaving, and what each key then does. The keys themselves are in the table of keys. */
export function leaveText(dialog: Dialog & { kind: 'leave' }): {
  ask: string;
  keys: readonly (readonly [string, string])[];
} {
  switch (dialog.what) {
    case 'command':
      return {
        ask: 'A command is running. What now?',
        keys: [
          ['k esc', 'Keep waiting.'],
          ['d', 'Leave it running and go. Resuming the run finds out how it ended.'],
          ['x', 'End it: it is told to end. What it has begun in Azure or the cluster may go on.'],
        ],
      };
    case 'rewrite':
      return {
        ask: 'Secrets are being rewritten, and go on being so until you choose. What now?',
        keys: [
          ['k esc', 'Keep waiting.'],
          ['q', 'Stop here, between two requests. Resuming the run goes on where it was.'],
          ['x', 'End it; you are then asked what to do. What was done is kept.'],
        ],
      };
    case 'work':
      return {
        ask: 'The tool is only looking: it changes nothing now. What Azure has begun goes on whatever you choose. What now?',
        keys: [
          ['k esc', 'Keep waiting.'],
          ['x', 'End it; you are then asked what to do.'],
          ['q', 'Stop here. The run can be resumed.'],
        ],
      };
    case 'nothing':
      return {
        ask: 'Stop here? The run can be resumed.',
        keys: [
          ['enter', 'Stop here.'],
          ['esc', 'Stay.'],
        ],
      };
  }
}

/** Why what was written will not do; undefined when it will. */
export function checkWritten(dialog: Dialog & { kind: 'write' }): string | undefined {
  if (dialog.text.trim() !== '') return undefined;
  return 'Write something first, or press Esc to go back.';
}
