/** The simulated etcd and its file. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { array, assert as forAll, constantFrom, property, record } from 'fast-check';

import { population } from '../../source/rehearsal/population.ts';
import { SecretStore } from '../../source/rehearsal/secrets.ts';
import type { Secret } from '../../source/rehearsal/secrets.ts';
import { temporaryDirectory } from './helpers.ts';

const initial = (count: number) => (): Iterable<Secret> => population(count, 'old', new Date(0));
const inOrder = (store: SecretStore): Secret[] =>
  [...store.values()].sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));

test('whatever is done, order and content are right, and the same when it is opened again', (t) => {
  const directory = temporaryDirectory(t);
  const names = constantFrom('a', 'b', 'c', 'registry-0001', 'gateway-0001', 'z');
  const act = record({ what: constantFrom('put', 'rewrite', 'delete', 'look', 'reopen'), name: names });
  let run = 0;
  forAll(
    property(array(act, { maxLength: 30 }), (acts) => {
      run += 1;
      const place = join(directory, String(run));
      let store = openIn(place, 12);
      const [template] = store.values();
      assert.ok(template);
      let version = store.revision;
      for (const { what, name } of acts) {
        const known = store.get('payments', name);
        if (what === 'put') store.put({ ...template, namespace: 'payments', name, key: 'new' });
        else if (what === 'rewrite' && known) {
          const written = store.rewrite(known, 'newer');
          assert.deepEqual(written, store.get('payments', name));
          assert.deepEqual({ ...written, key: known.key, resourceVersion: known.resourceVersion }, known);
        } else if (what === 'delete') store.delete({ namespace: 'payments', name });
        else if (what === 'look') assert.deepEqual(store.snapshot()?.secrets, inOrder(store));
        else if (what === 'reopen') {
          const before = inOrder(store);
          store.close();
          store = openIn(place, 0);
          assert.deepEqual(inOrder(store), JSON.parse(JSON.stringify(before)));
        }
        assert.ok(store.revision >= version);
        version = store.revision;
      }
      assert.deepEqual(store.snapshot()?.secrets, inOrder(store));
      const counted = Object.values(store.countByKey()).reduce((sum, count) => sum + count, 0);
      assert.equal(counted, store.size);
      store.close();
    }),
    { numRuns: 60 },
  );
});

test('a snapshot stays as it was, and old ones are forgotten', (t) => {
  const store = openIn(temporaryDirectory(t), 24);
  const [secret] = store.values();
  assert.ok(secret);
  const first = store.snapshot();
  store.delete(secret);
  assert.equal(store.snapshot(first?.revision)?.secrets.length, 24);
  assert.equal(store.snapshot()?.secrets.length, 23);
  for (let n = 0; n < 8; n += 1) {
    store.put({ ...secret, name: `new-${n}` });
    store.snapshot();
  }
  assert.equal(store.snapshot(first?.revision), undefined);
  store.close();
});

test('of 20,000 secrets, rewriting one costs a short line and no new file; opening makes room when it is worth it', (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'secrets.jsonl');
  let store = openIn(directory, 20_000);
  const { size, ino } = statSync(file);
  const secrets = [...store.values()];
  for (const secret of secrets.slice(0, 100)) store.rewrite(secret, 'new');
  assert.ok(statSync(file).size - size < 100 * 150);
  store.close();
  store = openIn(directory, 0);
  assert.equal(statSync(file).ino, ino);
  assert.equal(store.countByKey()['new'], 100);
  for (const secret of [...secrets, ...secrets]) store.rewrite(secret, 'newer');
  store.close();
  store = openIn(directory, 0);
  assert.deepEqual(store.countByKey(), { newer: 20_000 });
  assert.ok(statSync(file).size < size * 1.1);
  store.close();
});

test('a line that was cut off is forgotten, and nothing is joined to it', (t) => {
  const directory = temporaryDirectory(t);
  let store = openIn(directory, 3);
  const [secret] = store.values();
  assert.ok(secret);
  store.close();
  appendFileSync(join(directory, 'secrets.jsonl'), '{"namespace":"payments","na');
  store = openIn(directory, 0);
  store.rewrite(secret, 'new');
  store.close();
  store = SecretStore.read(directory);
  assert.deepEqual(store.countByKey(), { old: 2, new: 1 });
});

function openIn(directory: string, count: number): SecretStore {
  mkdirSync(directory, { recursive: true });
  return SecretStore.open(directory, initial(count));
}
