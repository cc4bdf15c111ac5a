import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { checkSignature, signatureFile, signatureOf } from '../../source/adapters/ssh-signature.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { needs } from '../support/needs.ts';

async function signFile(file: string, key: string): Promise<void> {
  await writeFile(signatureFile(file), await signatureOf(await readFile(file, 'utf8'), key));
}

/** A file to sign, and a key to sign it with. */
async function stage(
  t: TestContext,
  passphrase = '',
): Promise<{ file: string; key: string; directory: string }> {
  const directory = await temporaryDirectory(t);
  const key = join(directory, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'mia', '-f', key]);
  const file = join(directory, 'record with space.json');
  await writeFile(file, 'a record\n');
  return { file, key, directory };
}

test('a signature holds, and no longer does when the file was changed', needs('ssh-keygen'), async (t) => {
  const { file, key } = await stage(t);
  await signFile(file, key);
  const good = await checkSignature(file);
  assert.equal(good.good, true, good.problem);
  assert.match(good.key ?? '', /^ED25519 key SHA256:/);
  await appendFile(file, ' ');
  const bad = await checkSignature(file);
  assert.equal(bad.good, false);
  assert.match(bad.problem ?? '', /incorrect signature/);
  // Signed once more, the signature that is there is replaced.
  await signFile(file, key);
  assert.equal((await checkSignature(file)).good, true);
});

test('with a list of signers it has to be by one of them', needs('ssh-keygen'), async (t) => {
  const { file, key, directory } = await stage(t);
  const { key: other } = await stage(t);
  await signFile(file, key);
  const signers = join(directory, 'allowed');
  await writeFile(signers, `mia@contoso.com ${await readFile(`${key}.pub`, 'utf8')}`);
  assert.equal((await checkSignature(file, signers)).principal, 'mia@contoso.com');
  await writeFile(signers, `ana@contoso.com ${await readFile(`${other}.pub`, 'utf8')}`);
  const check = await checkSignature(file, signers);
  assert.equal(check.good, false);
  assert.match(check.problem ?? '', /allowed names nobody who has that key/);
});

test('a signature that was made for something else does not hold', needs('ssh-keygen'), async (t) => {
  const { file, key } = await stage(t);
  execFileSync('ssh-keygen', ['-Y', 'sign', '-q', '-f', key, '-n', 'git', file], { stdio: 'ignore' });
  const check = await checkSignature(file);
  assert.equal(check.good, false);
  assert.match(check.problem ?? '', /namespace/);
});

test('a key that cannot be used is an error that says what can', needs('ssh-keygen'), async (t) => {
  const { file, key, directory } = await stage(t, 'a passphrase');
  const refused = (given: string, why: RegExp): Promise<void> =>
    assert.rejects(signFile(file, given), (error: Error & { next?: string }) => {
      assert.match(error.message, why);
      assert.match(error.next ?? '', /ssh-agent/);
      return true;
    });
  await refused(key, /could not be signed: .*passphrase/);
  await refused(join(directory, 'missing'), /could not be signed: .*No such file/);
});
