/** What each event of a run says in the change record. */
import type { ConfirmedBy, Failure, Operator, RunEvent, Session } from '../engine/events.ts';
import type { StepState } from '../engine/state.ts';
import { runHere } from './attempts.ts';
import { code, say } from './phrase.ts';
import type { Phrase, PhrasePart } from './phrase.ts';
import { whichSecrets } from './report-rewrite.ts';
import { showTime } from './time.ts';

/** An event in words. */
export interface Told {
  /** The step it belongs to; absent for what concerns the run as a whole. */
  step?: string | undefined;
  attempt?: number | undefined;
  phrase: Phrase;
  /** Further lines that belong to it. */
  more?: readonly Phrase[] | undefined;
  /** Text of several lines it was told from, for example the end of an error message. */
  detail?: string | undefined;
  /** Not what the plan foresaw, or a decision of the operator's: shown in the summary as well. */
  notable: boolean;
}

/** What is known when an event is told. */
interface Telling {
  /** The operator of the session the event belongs to. */
  operator: Operator;
  /** How a step is referred to, for example `step 4, “Enable PMK”`. */
  nameOf(step: string): Phrase;
  /** A step as it was before the event. */
  before(step: string): StepState;
}

/**
 * Says an event in words; undefined for one whose figures are told together with others. A new type of event does not
 * compile until it is given its words here.
 */
export function tell(event: RunEvent, { operator, nameOf, before }: Telling): Told | undefined {
  const who = code(operator.name);
  switch (event.type) {
    case 'run.started':
      return plain(say`Run started by ${sitting(event.session)}.`);
    case 'run.resumed':
      return plain(say`Run resumed by ${sitting(event.session)}.`);
    case 'run.lock-taken-over': {
      const { from, reason } = event;
      const whom =
        from === undefined
          ? say`a holder it no longer named, being damaged`
          : say`process ${from.pid} of ${code(from.operator)} on ${code(from.host)}, which had held it since ${showTime(from.since)}`;
      if (reason === undefined) return notable(say`Lock taken over from ${whom} and no longer ran.`);
      return notable(
        say`Lock taken over from ${whom}, on the operator's word that it no longer ran; that could not be seen from here. Reason: ${reason}`,
      );
    }
    case 'run.journal-repaired':
      return notable(
        say`Journal repaired: its last line was incomplete (${event.droppedBytes} bytes, written when the tool was interrupted) and was removed. Nothing before it was changed.`,
      );
    case 'run.drifted':
      return {
        phrase: say`Something was not as it was when the run was planned:`,
        more: event.differences.map(
          ({ what, expected, found }) => say`${what}: expected ${code(expected)}, found ${code(found)}`,
        ),
        notable: true,
      };
    case 'run.drift-accepted':
      return notable(say`${who} decided to go on in spite of these differences. Reason: ${event.reason}`);
    case 'run.settings-observed':
      return plain(say`The cluster's encryption settings were read (${event.moment} the change).`);
    case 'run.noted':
      return { ...notable(say`Note by ${who}: ${event.text}`), step: event.step };
    case 'run.warned':
      return { ...notable(say`Warning: ${event.text}`), step: event.step };
    case 'run.stopped':
      return { phrase: stopped(event.reason, operator), notable: true };
    case 'run.completed':
      return plain(say`Run completed.`);
    case 'step.assessed':
      return { phrase: assessed(event.applies, event.alreadyDone), step: event.step, notable: false };
    case 'step.confirmed': {
      const how = event.documented === true ? ', by the command of the document' : '';
      return of(event, say`Confirmed by ${who}, ${means(event.by, event.typed)}${how}.`);
    }
    case 'step.started':
      return of(event, event.command === undefined ? say`Started.` : say`Command about to be started.`);
    case 'command.spawned': {
      const { pid, host } = event.identity;
      return of(event, say`Command runs as process ${pid} on ${code(host)}.`);
    }
    case 'command.exited':
      return {
        ...of(event, exited(event.exit)),
        more:
          event.tolerated === undefined
            ? undefined
            : [say`Tolerated as known to be harmless${times(event.toleratedLines)}: ${event.tolerated}`],
        notable: event.tolerated !== undefined,
      };
    case 'command.cancelled':
      return { ...of(event, say`${who} asked for the command to be ended.`), notable: true };
    case 'step.cluster-busy':
      return of(
        event,
        say`The cluster was busy with an operation of Azure's (${code(event.provisioningState)}); waited for it.`,
      );
    case 'step.cluster-settled':
      return of(event, say`Azure had finished with the cluster (${code(event.provisioningState)}).`);
    case 'step.verified':
      return of(
        event,
        say`Asked of the cluster: ${code(event.expression)}. It ${event.holds ? 'holds' : 'does not hold'}.`,
      );
    case 'step.investigated':
      return {
        ...of(event, investigated(event.effect)),
        ...(event.failure === undefined ? {} : because(event.failure)),
        notable: true,
      };
    case 'step.succeeded':
      return of(
        event,
        event.value === undefined ? say`Succeeded.` : say`Succeeded; found: ${code(event.value)}`,
      );
    case 'step.failed':
      return {
        ...of(event, say`Failed: ${event.failure.what}`),
        ...explained(event.failure),
        notable: true,
      };
    case 'step.acknowledged':
      return {
        ...ofStep(event, say`Warning acknowledged by ${who}, ${means(event.by)}.`),
        notable: true,
      };
    case 'step.attested':
      return ofStep(
        event,
        say`Attested by ${who}, ${means(event.by)}.${event.note === undefined ? '' : ` Note: ${event.note}`}`,
      );
    case 'step.accepted':
      return {
        ...ofStep(
          event,
          say`${accepted(event.why, before(event.step))} Accepted by ${who}, ${means(event.by)}.`,
        ),
        notable: true,
      };
    case 'step.skipped':
      return { ...ofStep(event, say`Skipped by ${who}. Reason: ${event.reason}`), notable: true };
    case 'step.overridden':
      return {
        ...ofStep(event, say`Marked as done by ${who}, without proof. Reason: ${event.reason}`),
        more: event.acknowledged?.map(
          ({ namespace, names }) =>
            say`Acknowledged as refused and left as stored: ${whichSecrets(namespace, names)}`,
        ),
        notable: true,
      };
    case 'step.retried':
      return { ...ofStep(event, retried(who, before(event.step))), notable: true };
    case 'step.rerun-chosen':
      return { ...ofStep(event, rerunChosen(who, before(event.step))), notable: true };
    case 'step.detoured':
      return {
        ...ofStep(
          event,
          say`Taken out of turn by ${who}: ${nameOf(event.after)} had failed, and this step is to be done even then.`,
        ),
        notable: true,
      };
    case 'rewrite.begun':
      return of(
        event,
        event.verifies
          ? say`Pass ${event.pass} over all Secrets: their verification was begun.`
          : say`Pass ${event.pass} over all Secrets: they are written again${event.goesOn === true ? ', from where an earlier attempt got to' : ''}.`,
      );
    case 'rewrite.progressed':
      return undefined;
    case 'rewrite.pass-ended':
      return event.unproven.length === 0
        ? of(event, say`Pass ${event.pass} over all Secrets has ended.`)
        : {
            ...of(
              event,
              say`Pass ${event.pass} over all Secrets has ended; ${event.unproven.length} were changed again at each look.`,
            ),
            notable: true,
          };
    case 'rewrite.paused':
      return { ...of(event, say`${who} paused the rewrite of the Secrets.`), notable: true };
    case 'rewrite.continued':
      return { ...of(event, say`${who} had the rewrite of the Secrets go on.`), notable: true };
    case 'value.captured':
      return ofStep(event, say`Kept for later steps: ${code(event.name)} = ${code(event.value)}`);
    default:
      throw new Error(`no words for the event ${JSON.stringify(event satisfies never)}`);
  }
}

function times(lines: number | undefined): string {
  return lines === undefined || lines < 2 ? '' : ` (${lines} times)`;
}

/** How an operator's word reached the tool, as the end of a sentence. */
function means(by: ConfirmedBy, typed?: string): Phrase {
  const option = typed === undefined ? [] : [' ', code(typed)];
  switch (by) {
    case 'key':
      return say`with a key press`;
    case 'typed':
      return typed === undefined ? say`by typing` : say`by typing ${code(typed)}`;
    case '--yes':
      return say`in advance, with the option ${code('--yes')}`;
    case '--accept-irreversible':
      return say`in advance, with the option ${code('--accept-irreversible')}${option}`;
  }
}

/** Who sits where: `ops@contoso.com` (`mia@jump-01`, process 4711), and how a rehearsal's time passes. */
export function sitting({ operator, pid, speed = 1 }: Session): Phrase {
  const hurried = speed === 1 ? '' : `, at ${speed} times the speed`;
  return say`${code(operator.name)} (${code(`${operator.localUser}@${operator.host}`)}, process ${pid})${hurried}`;
}

/** Why a run stopped, as a sentence. */
function stopped(reason: Extract<RunEvent, { type: 'run.stopped' }>['reason'], operator: Operator): Phrase {
  const who = code(operator.name);
  switch (reason) {
    case 'operator':
      return say`Run stopped by ${who}.`;
    case 'unconfirmed':
      return say`Run stopped: a confirmation was needed and nobody was there to give it.`;
    case 'failed':
      return say`Run stopped after a failure.`;
    case 'detached':
      return say`Run stopped by ${who}, with the command left running.`;
    case 'closed':
      return say`Run stopped: the terminal was closed, or the tool was told to end.`;
  }
}

function plain(phrase: Phrase): Told {
  return { phrase, notable: false };
}

function notable(phrase: Phrase): Told {
  return { phrase, notable: true };
}

function of(event: { step: string; attempt: number }, phrase: Phrase): Told {
  return { step: event.step, attempt: event.attempt, phrase, notable: false };
}

function ofStep(event: { step: string }, phrase: Phrase): Told {
  return { step: event.step, phrase, notable: false };
}

function assessed(applies: boolean, alreadyDone: boolean | null): Phrase {
  if (!applies) return say`Looked at the cluster first: this step does not apply.`;
  if (alreadyDone === null) return say`Found to apply to this cluster.`;
  return alreadyDone
    ? say`Looked at the cluster first: what this step is for is in effect already.`
    : say`Looked at the cluster first: what this step is for is not in effect yet.`;
}

function exited({
  code: status,
  signal,
  failure,
}: {
  code: number | null;
  signal: string | null;
  failure?: string | undefined;
}): Phrase {
  if (failure !== undefined) return say`Command could not be started: ${failure}`;
  if (signal !== null) return say`Command ended by signal ${code(signal)}.`;
  return status === null
    ? say`Command ended; its exit status is not known.`
    : say`Command ended with exit status ${status}.`;
}

function investigated(effect: boolean | null): Phrase {
  const found =
    effect === null
      ? 'whether it took effect cannot be told from the cluster'
      : effect
        ? 'the cluster shows that it took effect'
        : 'the cluster shows that it did not take effect';
  return say`How this attempt ended was looked into: ${found}.`;
}

function accepted(why: 'already' | 'took-effect', step: StepState): string {
  if (why === 'took-effect') return 'Counted as done, because the cluster shows that it took effect.';
  const here = runHere(step);
  return here === undefined
    ? 'Not run, because it was in effect before.'
    : `Not run again: ${here}, then found in effect.`;
}

function retried(who: PhrasePart, { status }: StepState): Phrase {
  return status === 'investigated'
    ? say`${who} asked to look at the cluster again.`
    : say`${who} asked to try again.`;
}

/** The choice only: the confirmation is asked for afterwards, and may not have come. */
function rerunChosen(who: PhrasePart, step: StepState): Phrase {
  return runHere(step) === undefined
    ? say`${who} chose to run it all the same, which was still to be confirmed.`
    : say`${who} chose to run it again, which was still to be confirmed.`;
}

/** A failure as lines under something else. */
function because(failure: Failure): Pick<Told, 'more' | 'detail'> {
  const { more = [], detail } = explained(failure);
  return { more: [say`${failure.what}`, ...more], detail };
}

function explained({ detail, explanation }: Failure): Pick<Told, 'more' | 'detail'> {
  if (explanation === undefined) return { detail };
  const more: Phrase[] = [say`What it means: ${explanation.means}`, say`What to do: ${explanation.do}`];
  if (explanation.link !== undefined) more.push(say`See ${code(explanation.link)}`);
  return { detail, more };
}
