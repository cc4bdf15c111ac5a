import type {
  CheckStep,
  ManualStep,
  Pipeline,
  RewriteSecretsStep,
  RunStep,
  Runbook,
  WaitStep,
} from '../runbook/model.ts';

/**
 * A runbook with its parameters filled in. What stays open in a command word is only a name that an earlier step
 * captures, and the run's subscription (`subscription.ts`); everything else is the exact words that will run. Plain data: it is kept in the journal's header.
 */
export interface Plan {
  runbook: Pick<Runbook, 'id' | 'title' | 'description' | 'source' | 'digest' | 'rehearsal'>;
  parameters: Readonly<Record<string, string>>;
  target: Target;
  sections: readonly { title: string; text?: string | undefined; steps: readonly string[] }[];
  /** In the order of the document. */
  steps: readonly PlannedStep[];
  /** SHA-256 (hex) of the plan without this field, in canonical JSON. */
  fingerprint: string;
}

/** The cluster a plan is for, as the parameters CLUSTER_NAME and RESOURCE_GROUP name it. */
export interface Target {
  clusterName: string;
  resourceGroup: string;
}

export type PlannedStep =
  | PlannedRunStep
  | Planned<CheckStep>
  | Planned<WaitStep>
  | Planned<ManualStep>
  | PlannedRewriteStep;

type Planned<S> = Omit<S, 'position' | 'confirm'> & { confirm: PlannedConfirmation };

/** As in the runbook, with the parameters filled into `pipeline`, and the subscription said to az. */
export type PlannedRunStep = Planned<RunStep> & { pipeline: Pipeline };

/** As in the runbook, with the parameters filled into the document's own command. */
export type PlannedRewriteStep = Planned<RewriteSecretsStep>;

/** What the operator has to do to confirm: press Enter, or type exactly `expected`. */
export type PlannedConfirmation = { kind: 'enter' } | { kind: 'type'; expected: string };
