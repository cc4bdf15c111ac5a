/** Every heading, code block, note, list item and paragraph of the documents has its place in the runbooks. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { Runbook, Step } from '../../source/runbook/model.ts';
import { piecesOf, plain } from './document.ts';
import type { Piece } from './document.ts';
import { readRunbookFile, runbooksFolder } from './files.ts';

/** Where a piece of a document is; in each runbook of the document unless `in` says which. */
type Place = (
  | { document: true }
  /** A heading is a section's title; anything else is said in its text, word for word. */
  | { section: string }
  /** Code is the step's command, other words are in its texts; `checks` when the step makes sure of it instead. */
  | { step: string; checks?: true; as?: (code: string) => string }
  | { nowhere: string }
) & { in?: readonly string[] };

type Row = readonly [kind: Piece['kind'], begins: string, place: Place];

const v1 = ['kms-v1-to-v2-public', 'kms-v1-to-v2-private'];
const pmk = ['kms-v2-public-to-pmk', 'kms-v2-private-to-pmk'];
const cmk = ['kms-v2-public-to-cmk', 'kms-v2-private-to-cmk'];
const only = (id: string) => ({ in: [id] });

const introduction = { section: 'Migrate to Key Management Service (KMS) v2' };
const upgrade = { section: 'Upgrade your AKS cluster and turn on KMS' };
const newIntroduction = {
  section: 'Migrate to KMS with platform-managed or customer-managed keys',
};
const scenarios = { section: 'Migration scenarios' };
const considerations = { section: 'Important considerations' };
const nextSteps = { section: 'Next steps' };

const migrations: readonly Row[] = (['public', 'private'] as const).flatMap((access): Row[] => {
  const title = `Migrate from KMS v2 with ${access} Key Vault to PMK`;
  const here = only(`kms-v2-${access}-to-pmk`);
  return [
    ['heading', title, { section: title, ...here }],
    ...(access === 'public'
      ? ([['paragraph', 'This migration path is ideal', { section: title, ...here }]] as const)
      : []),
    ['paragraph', 'Enable PMK on your existing', { step: 'enable-pmk', ...here }],
    ['code', 'az aks update \\', { step: 'enable-pmk', ...here }],
  ];
});

/** One row for each piece, in the order of the document. */
const documents: Readonly<Record<string, { runbooks: readonly string[]; rows: readonly Row[] }>> = {
  'migrate-kms-v1-to-v2.md': {
    runbooks: v1,
    rows: [
      ['heading', 'Migrate to Key Management Service (KMS) v2', { document: true }],
      ['note', 'This article applies to clusters using the legacy', introduction],
      ['paragraph', 'In this article, you learn', introduction],
      ['note', 'If your cluster version is older than 1.27', introduction],
      ['heading', 'Turn off KMS', { section: 'Turn off KMS' }],
      ['item', 'Disable KMS on an existing cluster', { step: 'turn-off-kms' }],
      ['code', 'az aks update', { step: 'turn-off-kms' }],
      ['item', 'Update all secrets', { step: 'update-secrets-without-kms' }],
      ['code', 'kubectl get secrets', { step: 'update-secrets-without-kms' }],
      ['heading', 'Upgrade your AKS cluster', upgrade],
      ['item', 'Upgrade your AKS cluster to version 1.27', { step: 'upgrade-1', checks: true }],
      [
        'code',
        'az aks upgrade',
        {
          step: 'upgrade-1',
          // The version is chosen from the cluster's own list, and the operator has confirmed already.
          as: (code) => `${code.replace('1.27.1', '$UPGRADE_1_VERSION')} --yes`,
        },
      ],
      ['item', 'Once the upgrade completes', { step: 'version-reached', checks: true }],
      ['item', 'Enable a public key vault', { step: 'turn-on-kms', checks: true, ...only(v1[0]!) }],
      ['item', 'Update an existing AKS cluster', { step: 'turn-on-kms', checks: true, ...only(v1[1]!) }],
      ['item', 'Update all secrets', { step: 'update-secrets-with-kms' }],
      ['code', 'kubectl get secrets', { step: 'update-secrets-with-kms' }],
      ['heading', 'Next steps', nextSteps],
      ['paragraph', 'For more information on using KMS', { nowhere: 'Only leads to the list.' }],
      ['item', 'Update the key vault mode', nextSteps],
      ['item', 'Observability for KMS', nextSteps],
    ],
  },
  'migrate-kms-v2-to-pmk-or-cmk.md': {
    runbooks: [...pmk, ...cmk],
    rows: [
      ['heading', 'Migrate to Key Management Service', { document: true }],
      ['note', 'This article applies to clusters running', newIntroduction],
      ['note', 'Migration from KMS v1', newIntroduction],
      ['note', 'AKS apiserver vnet integration', newIntroduction],
      ['paragraph', 'In this article, you learn', newIntroduction],
      ['heading', 'Prerequisites', { section: 'Prerequisites' }],
      ['paragraph', 'Before starting the migration', { nowhere: 'Only leads to the list.' }],
      [
        'item',
        'An AKS cluster running Kubernetes version 1.33',
        { step: 'kubernetes-version', checks: true },
      ],
      ['item', 'Azure CLI version 2.73.0', { step: 'azure-cli-version', checks: true }],
      ['item', 'The aks-preview extension', { step: 'aks-preview-version', checks: true }],
      ['item', 'Appropriate permissions', { step: 'may-update-cluster', checks: true }],
      ['item', 'For CMK migrations', { section: 'Prerequisites of customer-managed keys', in: cmk }],
      ['heading', 'Migration scenarios', scenarios],
      ['paragraph', 'The new KMS experience supports', scenarios],
      ['item', 'Platform-managed key (PMK)', scenarios],
      ['item', 'Customer-managed key (CMK)', scenarios],
      ...migrations,
      ['heading', 'Migrate from KMS v2 with public Key Vault to CMK', publicCmk()],
      ['paragraph', 'This migration path allows', publicCmk()],
      ['item', 'Ensure your Key Vault', { step: 'vault-public-access', ...only(cmk[0]!) }],
      ['item', 'Public network access enabled', { step: 'vault-public-access', ...only(cmk[0]!) }],
      [
        'item',
        'User-assigned managed identity has',
        { step: 'identity-may-use-keys', checks: true, in: cmk },
      ],
      ['item', 'Enable CMK', { step: 'enable-cmk', ...only(cmk[0]!) }],
      ['code', 'az aks update \\', { step: 'enable-cmk', ...only(cmk[0]!) }],
      [
        'heading',
        'Migrate from KMS v2 with private Key Vault to CMK',
        { section: 'Migrate from KMS v2 with private Key Vault to CMK', ...only(cmk[1]!) },
      ],
      ['item', 'Ensure your Key Vault', { step: 'vault-private-access', ...only(cmk[1]!) }],
      ['item', 'Private network access enabled', { step: 'vault-private-access', ...only(cmk[1]!) }],
      [
        'item',
        '"Allow trusted Microsoft services',
        { step: 'vault-trusted-services', checks: true, ...only(cmk[1]!) },
      ],
      [
        'item',
        'User-assigned managed identity has',
        { step: 'identity-may-read-vault', checks: true, in: cmk },
      ],
      ['item', 'Enable CMK', { step: 'enable-cmk', ...only(cmk[1]!) }],
      ['code', 'az aks update \\', { step: 'enable-cmk', ...only(cmk[1]!) }],
      ['heading', 'Important considerations', considerations],
      ['item', 'No downgrade', considerations],
      ['item', 'Minimum version', considerations],
      ['heading', 'Next steps', nextSteps],
      ['paragraph', 'For more information on using KMS', { nowhere: 'Only leads to the list.' }],
      ['item', 'Use KMS platform-managed keys', nextSteps],
    ],
  },
};

function publicCmk(): Place {
  return { section: 'Migrate from KMS v2 with public Key Vault to CMK', ...only(cmk[0] ?? '') };
}

for (const [file, { runbooks, rows }] of Object.entries(documents)) {
  const pieces = piecesOf(readRunbookFile(join(import.meta.dirname, 'documents', file)));

  test(`${file}: every piece has a row, and every row a piece`, () => {
    const expected = pieces.map(({ kind, text }, index) => {
      const begins = rows[index]?.[1];
      return [kind, begins !== undefined && text.startsWith(begins) ? begins : text];
    });
    assert.deepEqual(
      rows.map(([kind, begins]) => [kind, begins]),
      expected,
    );
  });

  for (const [index, [kind, begins, place]] of rows.entries())
    test(`${file}, ${index + 1}: ${kind} “${begins}”`, () => {
      const piece = pieces[index];
      assert.ok(piece);
      if ('nowhere' in place) return assert.ok(place.nowhere);
      for (const id of place.in ?? runbooks) assertHas(runbookNamed(id), piece, place);
    });
}

test('every runbook mirrors one of the documents', () => {
  const mirrored = Object.values(documents).flatMap(({ runbooks }) => runbooks);
  for (const id of mirrored) assert.equal(runbookNamed(id).id, id);
});

function assertHas(runbook: Runbook, { kind, text }: Piece, place: Place): void {
  if ('document' in place) return assert.equal(plain(runbook.source.title), text);
  if ('section' in place) {
    const found = runbook.sections.find(({ title }) => title === place.section);
    assert.ok(found, `${runbook.id} has no section “${place.section}”`);
    if (kind === 'heading') return assert.ok(text.startsWith(found.title) || found.title.startsWith(text));
    return assertSays(runbook, [found.text], text);
  }
  if ('nowhere' in place) return;
  const step = runbook.sections.flatMap(({ steps }) => steps).find(({ id }) => id === place.step);
  assert.ok(step, `${runbook.id} has no step ${place.step}`);
  if (kind === 'code') {
    assert.ok(step.kind === 'run' || step.kind === 'rewrite-secrets');
    const wanted = place.as?.(text) ?? text;
    return assert.equal(step.kind === 'run' ? step.source : step.documented?.source, wanted);
  }
  if (place.checks !== true) assertSays(runbook, textsOf(step), text);
}

function textsOf(step: Step): (string | undefined)[] {
  return [step.title, step.text, step.kind === 'manual' ? step.instruction : undefined];
}

function assertSays(runbook: Runbook, texts: readonly (string | undefined)[], wanted: string): void {
  const said = plain(texts.join(' ')).toLowerCase();
  // A sentence may go on where the document has a colon or a full stop.
  const words = wanted.toLowerCase().replace(/[.:]$/, '');
  assert.ok(said.includes(words), `${runbook.id} does not say “${wanted}”, but: ${said}`);
}

function runbookNamed(id: string): Runbook {
  const { runbook, problems } = loadRunbook(join(runbooksFolder, `${id}.yaml`), readRunbookFile);
  if (runbook === undefined) throw new Error(`${id}: ${JSON.stringify(problems)}`);
  return runbook;
}
