import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { beginning, isSuspect } from '../../source/engine/redaction-beginnings.ts';
import { createRedactor, redact } from '../../source/engine/redaction.ts';
import { jwt, secrets } from '../support/secrets.ts';

for (const [name, text] of Object.entries(secrets)) {
  test(`${name} is taken out`, () => {
    assert.match(text, /CANARY/);
    const shown = redact(text);
    assert.doesNotMatch(shown, /CANARY/);
    assert.match(shown, /\[redacted\]/);
  });
}

test('what stands around a secret stays', () => {
  assert.equal(redact(secrets['a SAS']!), 'https://x.blob.core.windows.net/c?sv=2022&sig=[redacted]&se=2026');
  assert.equal(
    redact(secrets['an access token in JSON']!),
    '{"accessToken": "[redacted]", "expiresOn": "2026"}',
  );
  assert.equal(
    redact(secrets['an account key']!),
    'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=[redacted];EndpointSuffix=core',
  );
  assert.equal(redact(secrets['a private key']!), 'before\n[redacted]\nafter');
  assert.equal(
    redact(secrets['a Secret in YAML']!),
    'apiVersion: v1\ndata:\n  a: [redacted]\n  b: [redacted]\n    [redacted]\n    [redacted]\n\n  c: [redacted]\nkind: Secret\n',
  );
  assert.equal(
    redact(secrets['a Secret in one line']!),
    '{"apiVersion":"v1","data":{"a":"[redacted]","n":{"b":["[redacted]","[redacted]"]}},"kind":"Secret"}',
  );
});

for (const harmless of [
  'secret/db replaced\nsecret/web replaced\n',
  'NAME   TYPE     DATA   AGE\ndb     Opaque   2      3d\n',
  '"keyId": "https://vault.vault.azure.net/keys/key/0123456789abcdef"\n',
  'ERROR: AADSTS700082: The refresh token has expired due to inactivity.\n',
  'The bearer token expired. Use the bearer authentication scheme.\n',
  '"secret": null, "token": "", "clientSecret": null\n',
  'az aks update --name c --azure-keyvault-kms-key-id https://v/keys/k/1\n',
  'see https://learn.microsoft.com:443/azure/aks/x?view=y\n',
  'no data: nothing\n"data": [1, 2]\n',
  'aks-kms-runbook run kms-v1-to-v2 -p CLUSTER_NAME=prod -p "RESOURCE_GROUP=rg"\n',
  'Use -p NAME=VALUE, or -p to be asked. Use -p or --parameter.\n',
  'kubectl patch deployment x -p \'{"spec":{"replicas":2}}\'\ndocker run -p 8080:80 -u 1000:1000 -p 443 x\n',
  '    --password -p          : Credentials like user password.\n    --username -u          : User name.\n',
  'kubectl create clusterrolebinding x --user=system:admin --user system:node:n\n',
  '"id": "/subscriptions/00000000-0000-4000-8000-0000000a4b51/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x"\n',
  '"keyName": "etcd",\n"keyVersion": "0123456789abcdef0123456789abcdef",\n"keyVaultUri": "https://v.vault.azure.net"\n',
  '{"keyName": "etcd"}, {"name": "tier", "value": "Standard"}\n',
  '"name": "tier", "value": "Standard"\nvalue: 3\n',
  '{\n  "tokens":\n  [\n    "a"\n  ],\n  "metadata":\n  {\n    "name": "b"\n  }\n}\n',
  'secret:\n  secretName: db\n  optional: false\n',
  'token:\n  - name: x\n',
  'secret/queue-0001 replaced\nError from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled\n',
  '"etag": "W/\\"0123==\\"", "sha256": "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="\n',
  'family \ud83d\udc68\u200d\ud83d\udc69, 1\ufe0f\u20e3, \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\n',
]) {
  test(`left alone: ${harmless.split('\n')[0]}`, () => assert.equal(redact(harmless), harmless));
}

const part = fc.oneof(
  fc.constantFrom(...Object.values(secrets)),
  fc.constantFrom(
    '\n',
    ' ',
    '"',
    '\\',
    '{',
    '}',
    'data:',
    '"data": {',
    'token: ',
    'password=',
    'kind: x\n',
    ': |\n',
    '"keyName": "k",',
    '"value": ',
    'value: x',
    '-p ',
    '\u200d',
    '"token":\n',
  ),
  fc.string({ maxLength: 6 }),
);
const mixture = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));

test('what stands around a secret on a command line or in a list of keys stays', () => {
  assert.equal(
    redact(secrets['a literal of a Secret']!),
    'kubectl create secret generic x --from-literal=foo=[redacted] --from-literal bar=[redacted]',
  );
  assert.equal(redact(secrets['a short password option']!), 'az login -u x -p [redacted] --tenant y');
  assert.equal(
    redact(secrets['the keys in one line']!),
    '{"keys":[{"keyName":"key1","value":"[redacted]","permissions":"Full"}]}',
  );
  assert.equal(
    redact(secrets['a value on the next line']!),
    '{\n  "accessToken":\n    "[redacted]",\n  "expiresOn": "2026"\n}\n',
  );
  assert.equal(redact(secrets['a name with a joiner in it']!), 'password=[redacted]');
  assert.equal(redact(redact('az login -p CANARY')), 'az login -p [redacted]');
});

test('where an endless line is cut, no beginning is overlooked', () => {
  const filler = '. '.repeat(33_000);
  for (const text of Object.values(secrets)) {
    if (text.includes('\n')) continue;
    // So much is held back of an endless line; the cut goes through every part of the text.
    for (let after = 1_024 - text.length; after < 1_024; after += 3) {
      const redactor = createRedactor();
      const shown = redactor.push(`${filler}${text}${' '.repeat(after)}`) + redactor.end();
      assert.ok(!shown.includes('CANARY'), `${text} before ${after} more`);
    }
  }
});

test('where a secret is cut makes no difference', () => {
  for (const text of Object.values(secrets))
    for (let cut = 1; cut < text.length; cut += 1) {
      const redactor = createRedactor();
      const shown =
        redactor.push(text.slice(0, cut)) + redactor.push(`${text.slice(cut)}\n`) + redactor.end();
      assert.equal(shown, redact(`${text}\n`));
    }
});

test('where the text is cut makes no difference', () => {
  fc.assert(
    fc.property(mixture, fc.array(fc.nat(2_000)), (text, cuts) => {
      const redactor = createRedactor();
      let shown = '';
      let from = 0;
      for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
        shown += redactor.push(text.slice(from, cut));
        from = Math.max(from, cut);
      }
      assert.equal(shown + redactor.push(text.slice(from)) + redactor.end(), redact(text));
    }),
    { numRuns: 500 },
  );
});

test('no secret comes through on lines of its own, whatever comes before', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.values(secrets)), { maxLength: 8 }), (texts) =>
      assert.doesNotMatch(redact(texts.join('\n')), /CANARY/),
    ),
    { numRuns: 500 },
  );
});

test('an endless line is shown as it comes, and still without its secrets', () => {
  const redactor = createRedactor();
  const filler = 'x '.repeat(10_007);
  let shown = '';
  for (let count = 0; count < 40; count += 1) {
    shown += redactor.push(`${filler}{"password": "CANARY`);
    shown += redactor.push(`${'CANARY'.repeat(1_000)}", "data":{"k":"CANARY"}} ${jwt} `);
    if (count === 10) assert.ok(shown.length > 100_000);
  }
  shown += redactor.end();
  assert.doesNotMatch(shown, /CANARY/);
  assert.equal(shown.split(filler).length, 41);
});

test('a secret of any length is held back by nothing but its state', () => {
  const redactor = createRedactor();
  let length = redactor.push('{"data": {"a": "').length;
  for (let count = 0; count < 1_000; count += 1) length += redactor.push('CANARY'.repeat(10_000)).length;
  const rest = redactor.push('"}, "kind": "Secret"}\n');
  assert.ok(length + rest.length < 100);
  assert.match(redactor.push('next\n'), /^next\n$/);
});

test('a key block without an end does not swallow the rest for ever', () => {
  const text = `-----BEGIN PRIVATE KEY-----\n${'line of output\n'.repeat(5_000)}the end\n`;
  assert.match(redact(text), /the end\n$/);
});

test('a quote inside a value is no end of it, wherever an endless line is cut', () => {
  for (const offset of ['', 'x'])
    assert.equal(redact(`"password": "${offset}${'\\"'.repeat(70_000)}CANARY"`), '"password": "[redacted]"');
});

test('a login in base64 is known by what it stands for', () => {
  const login = Buffer.from('user:CANARY').toString('base64');
  assert.equal(redact(`-H 'X: Basic ${login}'`), "-H 'X: Basic [redacted]'");
  const prose = 'Use basic authentication, or the basic configuration.\n';
  assert.equal(redact(prose), prose);
});

test('every beginning is suspected, whatever comes before and after the name', () => {
  const names = [
    'secret',
    'Secret',
    'client_secret',
    'password',
    'accountKey',
    'token',
    'cookie',
    'sig',
    'data',
  ];
  const marks = [
    ...' \t:=\\"\',%/-_>{',
    '--',
    '%22',
    '%3A',
    '%20',
    '\\u0022',
    '\\u003d',
    '\\n',
    '://',
    'map[',
    'x',
    '1',
  ];
  const parts = fc.constantFrom(...names, ...marks);
  let begun = 0;
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (words) => {
      const text = words.join('');
      beginning.lastIndex = 0;
      const begins = beginning.test(text);
      begun += begins ? 1 : 0;
      return !begins || isSuspect(text);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(begun > 500, `${begun} texts held a beginning`);
});

test('what kubectl says of each secret it replaces is not suspected', () => {
  assert.equal(isSuspect('secret/bench-1 replaced\nsecret/bench-2 replaced\n'), false);
});
