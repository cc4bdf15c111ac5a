import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runbookText } from '../../source/commands/clusters.ts';

test('the list names the runbooks for a cluster, and what keeps it from the others', () => {
  assert.equal(runbookText({ runbooks: ['to-pmk', 'to-cmk'] }), 'to-pmk or to-cmk');
  assert.equal(
    runbookText({ runbooks: ['to-pmk'], note: 'to-cmk needs another identity.' }),
    'to-pmk (to-cmk needs another identity.)',
  );
  assert.equal(runbookText({ runbooks: ['to-pmk'], blocked: 'It is stopped.' }), 'It is stopped.');
});
