/** Something asked in the middle of the run screen that is not the run's own question. */
import type { Activity } from '../../../engine/controller.ts';
import type { Choice } from '../../questions.ts';

export type Dialog =
  /** Writing a line: for an answer that needs one (`choice`), or a note to the record. */
  | { kind: 'write'; ask: string; text: string; choice?: Choice | undefined; problem?: string | undefined }
  /** Leaving, or ending what runs. `what` is what would be interrupted. */
  | { kind: 'leave'; what: 'nothing' | 'work' | 'command' };

/** The dialog for leaving while `activity` goes on. */
export function leaveDialog(activity: Activity | undefined): Dialog {
  if (activity === undefined) return { kind: 'leave', what: 'nothing' };
  return { kind: 'leave', what: activity.command ? 'command' : 'work' };
}

/** What leaving means, a paragraph each. The first is the question. */
export function leaveText(dialog: Dialog & { kind: 'leave' }): readonly string[] {
  switch (dialog.what) {
    case 'command':
      return [
        'A command is running. What now?',
        'Detached, it goes on without this tool, and resuming the run finds out how it ended. Stopped, it is told to end, which may leave Azure at work on the cluster all the same.',
      ];
    case 'work':
      return [
        'Something is going on. Leave it?',
        'Nothing on the cluster is interrupted by that. The run can be resumed.',
      ];
    case 'nothing':
      return ['Stop here?', 'Nothing is running. The run can be resumed.'];
  }
}

/** Why what was written will not do; undefined when it will. */
export function checkWritten(dialog: Dialog & { kind: 'write' }): string | undefined {
  if (dialog.text.trim() !== '') return undefined;
  return 'Write something first, or press Esc to go back.';
}
