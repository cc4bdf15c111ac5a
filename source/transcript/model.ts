/**
 * The change record: everything a run was, in an order a reader can follow and without a format. Computed from the
 * journal alone (records, the state they add up to, and the kept output of commands), so the same journal always
 * gives the same record. Strings in it are other people's text as it is; whoever writes it in a format escapes it.
 * What its fields mean is said in `schema.ts`.
 */
import type { z } from 'zod';
import type { changeRecordSchema, recordExportSchema } from './schema.ts';

export type ChangeRecord = z.infer<typeof changeRecordSchema>;

/** A change record as a JSON file, with the journal it is computed from. */
export type RecordExport = z.infer<typeof recordExportSchema>;

export type SessionRecord = ChangeRecord['sessions'][number];
export type Outcome = ChangeRecord['outcome'];
export type SettingsChange = ChangeRecord['settings'];
export type IrreversibleStep = ChangeRecord['irreversible'][number];
export type Deviation = ChangeRecord['deviations'][number];
export type RemainingStep = ChangeRecord['remaining'][number];
export type Attestation = ChangeRecord['attestations'][number];
export type StepRecord = ChangeRecord['sections'][number]['steps'][number];
export type StepName = RemainingStep['step'];
export type AttemptRecord = StepRecord['attempts'][number];
export type RewriteRecord = NonNullable<StepRecord['rewrite']>;

/** Something that happened, in words. */
export type Entry = ChangeRecord['notable'][number];

/** The kept output of an attempt. */
export interface AttemptOutput {
  /** All of it, or its last lines when not all is held. */
  text: string;
  /** Lines there have been, including those not held. */
  lines: number;
  /** It is not what the journal says the command printed. */
  altered?: boolean | undefined;
}
