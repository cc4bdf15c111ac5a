/** Telling az which subscription a command is for. Its own default may be switched, elsewhere, at any moment. */
import type { Pipeline, Word } from '../runbook/model.ts';

/**
 * The name that stands for the subscription in a plan, which is made before it is known: the run's own is filled in.
 * In lower case, so that no parameter and no captured value can have it.
 */
export const subscriptionName = 'subscription';

const option = '--subscription';

/**
 * Commands of az that are not about a subscription and refuse the option, by their first words. Source: azure-cli
 * 2.45, the arguments of these commands (`ignore('_subscription')`).
 */
const without: readonly string[] = [
  'account',
  'ad',
  'cloud',
  'config',
  'configure',
  'extension',
  'feedback',
  'find',
  'interactive',
  'login',
  'logout',
  'policy exemption',
  'survey',
];

/** The pipeline with `--subscription` at the end of each command of az that is about one and does not say which. */
export function inSubscription(pipeline: Pipeline): Pipeline {
  return pipeline.map((command) =>
    needsSubscription(command) ? [...command, [{ text: option }], [{ name: subscriptionName }]] : command,
  );
}

/** Whether any command of the pipeline waits for the run's subscription. */
export function namesSubscription(pipeline: Pipeline): boolean {
  return pipeline.some((command) =>
    command.some((word) => word.some((part) => 'name' in part && part.name === subscriptionName)),
  );
}

function needsSubscription([program, ...words]: readonly Word[]): boolean {
  if (program === undefined || !/^(?:.*\/)?az$/.test(beginning(program))) return false;
  const name = words.slice(0, 2).map(beginning).join(' ');
  return !without.some((own) => name === own || name.startsWith(`${own} `)) && !words.some(saysSubscription);
}

/** az takes a shortened option for the whole one. */
function saysSubscription(word: Word): boolean {
  const [given = ''] = beginning(word).split('=');
  return given.length >= '--sub'.length && option.startsWith(given);
}

/** The text a word begins with. */
function beginning([first]: Word): string {
  return first !== undefined && 'text' in first ? first.text : '';
}
