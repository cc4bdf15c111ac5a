/**
 * The JSON form of a change record, once: the types of the record are inferred from it, an export is checked against
 * it, and its JSON Schema is generated from it.
 */
import { z } from 'zod';
import type { StepStatus } from '../engine/state.ts';

const time = z.string().describe('ISO 8601, UTC.');
const sha256 = z.string().describe('SHA-256, in hex.');
const milliseconds = z.number().describe('Milliseconds.');

const phrase = z
  .array(
    z.union([
      z.string(),
      z.object({ code: z.string() }).describe('A value to be read to the letter.'),
      z
        .object({ step: z.number().describe('Its place in the plan.'), text: z.string() })
        .describe('A step that is referred to.'),
    ]),
  )
  .readonly()
  .meta({ id: 'phrase', description: 'A line of text in pieces, to be read one after the other.' });

const stepName = {
  number: z.number().describe('Place in the plan, from 1.'),
  id: z.string(),
  title: z.string(),
};
const named = z.object(stepName).meta({ id: 'stepName', description: 'A step of the plan.' });

const operator = z
  .object({
    name: z.string().describe('The account signed in to Azure.'),
    localUser: z.string(),
    host: z.string(),
  })
  .meta({ id: 'operator', description: 'Who the run acted for, and where they sat.' });

const versions = z.record(z.string(), z.string()).describe('Versions by name; of what was installed.');

const session = z
  .object({
    operator,
    pid: z.number(),
    versions,
    speed: z
      .number()
      .optional()
      .describe('In a rehearsal, how many times faster than real time the simulated time passed.'),
    timeZone: z.string().optional().describe("The operator's, as an IANA name."),
    maxInFlight: z
      .number()
      .optional()
      .describe(
        'Requests under way at once at most while Secrets were rewritten, where the operator said so.',
      ),
    startedAt: time,
    endedAt: time.describe("Time of the session's last record."),
    changedVersions: z
      .array(z.object({ name: z.string(), before: z.string().optional(), now: z.string().optional() }))
      .readonly()
      .describe('Versions that are not what they were when the run started.'),
  })
  .meta({ id: 'session', description: 'One sitting: a process of the tool working on the run.' });

const outcome = z.object({
  kind: z
    .enum(['completed', 'completed-without-proof', 'stopped', 'not-ended'])
    .describe('`completed-without-proof`: with steps skipped or marked as done.'),
  phrase: phrase.describe('One or two sentences.'),
  counts: z.array(z.string()).readonly().describe('How many steps ended in which way, such as `7 done`.'),
});

const diffLine = z.object({
  mark: z.enum([' ', '-', '+']).describe('Kept, only before, only after.'),
  text: z.string().describe('`path: value`, the value as JSON.'),
});

const how = z
  .enum(['key', 'typed', '--yes', '--accept-irreversible'])
  .describe('How a word was given; with an option, in advance.');

const settings = z
  .object({
    before: time.optional().describe('When they were read before the change.'),
    after: time.optional().describe('When they were read after it.'),
    encryption: z
      .object({ before: z.string().optional(), after: z.string().optional() })
      .describe('How secrets are encrypted, in a few words.'),
    key: z.string().optional().describe('Id of the key in use before the change.'),
    kmsOff: z
      .array(z.object({ from: time, to: time.optional() }))
      .readonly()
      .describe('From when to when KMS, on before, was read as off; without an end, up to the last reading.'),
    lines: z.array(diffLine).readonly().describe('With one reading only, that reading; with none, empty.'),
  })
  .describe(
    "The cluster's encryption settings: the first reading before the change against the last after it.",
  );

const entry = z
  .object({
    sequence: z.number().describe("Number of the journal's record."),
    time,
    step: named.optional(),
    phrase,
    more: z.array(phrase).readonly(),
    detail: z.string().optional().describe('Text of several lines that belongs to it.'),
  })
  .meta({ id: 'entry', description: 'Something that happened.' });

const exit = z
  .object({
    code: z.number().nullable().describe('Null when a signal ended it or it was not started.'),
    signal: z.string().nullable(),
    codes: z.array(z.number().nullable()).readonly().optional().describe('Of each command of a pipeline.'),
    failure: z.string().optional().describe('Why it could not be started.'),
    outputBytes: z.number().describe('Bytes of output that were kept.'),
    outputSha256: sha256.describe('Of the output that was kept.'),
    outputLost: z.number().optional().describe('Bytes of output that could not be kept.'),
    endedAt: time,
  })
  .describe('How the command ended.');

const excerpt = z.object({
  text: z.string(),
  lines: z.number().describe('Lines the output has.'),
  leftOut: z.number().describe('Lines left out of the middle.'),
  sha256: sha256.describe('Of `text`. That of the exit where it is all of the output, as it was kept.'),
});

const attempt = z
  .object({
    number: z.number(),
    result: z.string().describe('One word or two, such as `failed`.'),
    duration: milliseconds.optional(),
    entries: z.array(entry).readonly(),
    command: z.string().optional().describe('As an operator would type it.'),
    exit: exit.optional(),
    commandDuration: milliseconds.optional().describe('Milliseconds the command itself ran.'),
    outputFile: z.string().optional().describe("Path in the run's directory."),
    output: excerpt.optional().describe('Absent when there is none, or it is not what the command printed.'),
    outputAltered: z.boolean().describe('What is kept is not what the command printed.'),
  })
  .meta({ id: 'attempt', description: 'One try at a step.' });

const counts = z
  .object({
    listed: z.number().describe('The sum of the others.'),
    rewritten: z.number().describe('Stored anew since they were listed; in a verification, found changed.'),
    current: z.number().describe('Under the current key already: nothing was written.'),
    gone: z.number().describe('Deleted meanwhile.'),
    refused: z.number(),
  })
  .meta({ id: 'secretCounts', description: 'Secrets looked at, and what became of them.' });

const rewrite = z
  .object({
    passes: z
      .array(
        z.object({
          number: z.number(),
          verifies: z.boolean(),
          ended: z.boolean(),
          duration: milliseconds.optional().describe('Milliseconds, interruptions included.'),
          counts,
          retries: z.number().describe('Requests that had to be sent again.'),
          unproven: z
            .array(z.string())
            .readonly()
            .describe('Secrets that were changed again at each look of a verification.'),
        }),
      )
      .readonly(),
    namespaces: z
      .array(z.object({ name: z.string(), counts }))
      .readonly()
      .describe('Of the pass that wrote, or else of the first verification: those that hold Secrets.'),
    refused: z
      .array(z.object({ namespace: z.string(), names: z.array(z.string()).readonly(), message: z.string() }))
      .readonly()
      .describe('Of the last pass, by name.'),
    refusedCount: z.number(),
    summary: z.string().optional().describe('The counts in a sentence.'),
  })
  .meta({ id: 'rewrite', description: 'What a rewrite of all Secrets came to.' });

const statuses = [
  'pending',
  'ready',
  'already-done',
  'confirmed',
  'running',
  'settling',
  'unknown',
  'investigated',
  'warned',
  'failed',
  'succeeded',
  'accepted',
  'acknowledged',
  'attested',
  'skipped',
  'overridden',
  'not-applicable',
] as const satisfies readonly StepStatus[];

const step = z
  .object({
    ...stepName,
    kind: z.enum(['run', 'check', 'wait', 'rewrite-secrets', 'manual']),
    purpose: z.string().optional().describe('What it is for, on one line; the instruction of a manual step.'),
    checks: z.string().optional().describe('The expression a check asks.'),
    irreversible: z.string().optional().describe('Why there is no way back.'),
    status: z.enum(statuses),
    result: phrase,
    duration: milliseconds
      .optional()
      .describe('Milliseconds spent in its attempts, as far as their end is known.'),
    planned: z
      .string()
      .optional()
      .describe('Of a step that was not started and is left to do, what it will run.'),
    entries: z.array(entry).readonly().describe('What happened before its first attempt.'),
    attempts: z.array(attempt).readonly(),
    rewrite: rewrite.optional(),
    unverified: z
      .string()
      .optional()
      .describe('Of a rewrite that was skipped or marked as done: what it has not written or verified.'),
  })
  .meta({ id: 'step', description: 'A step of the plan and what became of it.' });

const stepResult = z.object({ step: named, result: phrase });

export const changeRecordSchema = z
  .object({
    runId: z.string(),
    rehearsal: z.boolean().describe('It acted on a simulated cluster.'),
    simulation: z
      .object({
        scenario: z.string(),
        faults: z.array(z.string()).readonly(),
        clients: z.enum(['stand-in', 'real']).describe('Which az and kubectl were used.'),
      })
      .optional()
      .describe('Of a rehearsal: what it began from, and what was made to go wrong.'),
    runbook: z
      .object({
        id: z.string(),
        title: z.string(),
        description: z.string(),
        source: z
          .object({ title: z.string(), url: z.string(), date: z.string() })
          .describe('The document it mirrors.'),
        digest: sha256.describe('Of the runbook file.'),
        rehearsal: z.string().describe('The simulated cluster it is rehearsed on.'),
      })
      .readonly(),
    parameters: z.record(z.string(), z.string()).readonly(),
    fingerprint: sha256.describe('Of the plan.'),
    target: z.object({ clusterName: z.string(), resourceGroup: z.string() }),
    cluster: z.object({
      id: z.string().describe('Its resource id.'),
      kubernetesVersion: z.string().describe('When the run started.'),
      fqdn: z.string().describe('Of its API server.'),
      createdAt: z.string().optional(),
    }),
    subscription: z
      .object({ id: z.string(), name: z.string() })
      .optional()
      .describe('Absent for a cluster that is known by a kubeconfig context only, as `tenant` is.'),
    context: z
      .object({
        name: z.string(),
        server: z.string(),
        uid: z.string().describe('Of kube-system, or of `namespace` where that is given.'),
        namespace: z.string().optional().describe('Where kube-system may not be seen.'),
      })
      .optional()
      .describe('The kubeconfig context a cluster is known by, where it is known by that only.'),
    tenant: z.string().optional(),
    operator: operator.describe('Who started the run.'),
    versions: versions.readonly(),
    sessions: z.array(session).readonly(),
    startedAt: time,
    endedAt: time.describe('When it completed or stopped, or else the time of its last record.'),
    outcome,
    attention: z.string().optional().describe('What must not be forgotten while the run is not completed.'),
    settings,
    confirmations: z
      .array(z.object({ how, count: z.number() }))
      .readonly()
      .describe('How many of the words that were asked for were given in which way.'),
    irreversible: z
      .array(
        z.object({
          step: named,
          at: time.describe('When its command was first started.'),
          why: z.string(),
          result: phrase,
          command: z.string().optional().describe('As it was started last, on one line.'),
        }),
      )
      .readonly()
      .describe('Steps without a way back whose command was started.'),
    deviations: z
      .array(stepResult)
      .readonly()
      .describe(
        'Steps that were skipped, marked as done without proof, or whose warning was acknowledged, with why.',
      ),
    notable: z
      .array(entry)
      .readonly()
      .describe('Decisions and incidents: what the plan did not foresee, in order of time.'),
    remaining: z
      .array(
        stepResult.extend({
          instruction: z.string().optional().describe('What a step that is done by hand asks for.'),
        }),
      )
      .readonly()
      .describe('Steps that are not done, those that were skipped among them.'),
    attestations: z
      .array(
        z.object({
          step: named,
          statement: z.string(),
          instruction: z.string(),
          note: z.string().optional(),
          at: time,
          by: z.string(),
          how,
        }),
      )
      .readonly()
      .describe('Words given for what the tool cannot see, such as keys that are kept.'),
    sections: z.array(z.object({ title: z.string(), steps: z.array(step).readonly() })).readonly(),
    history: z.array(entry).readonly().describe('What concerns the run as a whole, in order of time.'),
    journal: z.object({
      records: z.number(),
      chainHead: sha256.describe("Of the journal's last line, to which every line before it contributes."),
    }),
    redactions: z.number().describe('Texts that making this record took something secret out of.'),
    redactionsAsked: z.number().describe('Texts that patterns the operator gave took something out of.'),
  })
  .meta({ id: 'changeRecord', description: 'Everything a run was, computed from its journal alone.' });

const withheld = z
  .object({
    sequence: z.number(),
    previous: sha256.describe('Of the line before it.'),
    hash: sha256.describe('Of the line itself.'),
    type: z.string().describe('What kind of event it records; what may be said of it is in the record.'),
  })
  .meta({ id: 'withheldLine', description: 'A line of the journal that holds what is not to be shown.' });

export const recordExportSchema = z
  .object({
    format: z.literal(1).describe('Of this file. A change that breaks readers raises it.'),
    madeBy: z.string().describe('The version of aks-kms-runbook that made this file.'),
    redactedMore: z.boolean().describe('More than secrets was taken out, because the operator asked for it.'),
    record: changeRecordSchema,
    journal: z
      .array(z.union([z.string().describe('A line of the journal as it was written.'), withheld]))
      .describe("The run's journal. How its lines hang together is described in docs/journal.md."),
    sha256: sha256.describe('Of everything in this file before the comma that precedes it.'),
  })
  .meta({
    title: 'Change record of aks-kms-runbook',
    description:
      'What a run of aks-kms-runbook did, with the journal it is computed from. See docs/record.md.',
  });

/** The JSON Schema of an exported change record, as plain JSON. */
export function recordJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(recordExportSchema, { io: 'input' }) };
}
