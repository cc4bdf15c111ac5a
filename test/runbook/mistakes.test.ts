/** Mistakes authors make: each is found where it is, named, and has a way out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRunbook } from '../../source/runbook/load.ts';
import type { LoadedRunbook } from '../../source/runbook/load.ts';
import type { Problem } from '../../source/runbook/problems.ts';
import { load, runbookText, stepsText } from './files.ts';

/** What is marked in the file, what is said about it, and the way out. `warning` when it is no more than that. */
interface Mistake {
  marked: string;
  message: RegExp;
  wayOut: RegExp;
  warning?: true;
}

const capture = '- {id: look, title: L, check: cluster.id != `null`, message: m, capture: {KEY: cluster.id}}';
const plain = '- {id: a, title: A, run: kubectl x}';

/** A step that checks this. */
const check = (expression: string): string =>
  `- id: a\n  title: A\n  check: >-\n    ${expression}\n  message: m`;
const run = (command: string, more = 'read-only: true'): string =>
  `- id: a\n  title: A\n  run: ${command}\n  ${more}`;
/** A step with this text. */
const text = (value: string): string => plain.replace('}', `, text: "${value}"}`);
const parameter = (definition: string): string =>
  stepsText(plain.replace('kubectl x', 'kubectl $SIZE')).replace(
    'parameters:',
    `parameters:\n  SIZE: {description: d, ${definition}}`,
  );

const inSteps: Readonly<Record<string, readonly [steps: string, mistake: Mistake]>> = {
  'a captured name that no step captures': [
    `${capture}\n${check('captured.KEYY != `null`')}`,
    { marked: 'KEYY', message: /^no step captures KEYY$/, wayOut: /`KEY`/ },
  ],
  'the same in the condition of a step': [
    `${capture}\n- {id: b, title: B, manual: {instruction: i, attest: a}, when: captured.KYE != \`null\`}`,
    { marked: 'KYE', message: /no step captures KYE/, wayOut: /`KEY`/ },
  ],
  'a parameter taken for a captured name': [
    check('captured.CLUSTER_NAME != `null`'),
    { marked: 'CLUSTER_NAME', message: /no step captures/, wayOut: /params\.CLUSTER_NAME/ },
  ],
  'a captured name before its step': [
    `${check('captured.KEY != `null`')}\n${capture}`,
    {
      marked: 'KEY',
      message: /captured\.KEY is captured only when this step has run, or later/,
      wayOut: /before/,
    },
  ],
  'a captured name in the check of its own step': [
    capture.replace('cluster.id != ', 'captured.KEY != '),
    { marked: 'KEY', message: /only when this step has run/, wayOut: /before this one/ },
  ],
  'a command with a value that may not have been captured': [
    `${capture.replace('check:', 'when: policy.allowed, check:')}\n${run('kubectl $KEY').replace('id: a', 'id: b')}`,
    {
      warning: true,
      marked: '$KEY',
      message: /has no value where the `when`/,
      wayOut: /when: captured\.KEY != `null`/,
    },
  ],
  'a check of a value that may not have been captured': [
    `${capture.replace('check:', 'when: policy.allowed, check:')}\n${check('same_text(cluster.id, captured.KEY)').replace('id: a', 'id: b')}`,
    {
      warning: true,
      marked: 'KEY',
      message: /captured\.KEY has no value where/,
      wayOut: /when: captured\.KEY != `null`/,
    },
  ],
  'a value in an instruction': [
    '- {id: a, title: A, manual: {instruction: Look at $CLUSTER_NAME., attest: a}}',
    {
      warning: true,
      marked: '$CLUSTER_NAME',
      message: /is not filled in here: texts are shown/,
      wayOut: /value: params\.CLUSTER_NAME/,
    },
  ],
  'a captured value in a text': [
    `${capture}\n${text('The key is ${KEY}.')}`,
    { warning: true, marked: '${KEY}', message: /not filled in/, wayOut: /value: captured\.KEY/ },
  ],
  'a value in a text, with a slip': [
    text('Look at $CLUSTER_NAM.'),
    { warning: true, marked: '$CLUSTER_NAM', message: /not filled in/, wayOut: /params\.CLUSTER_NAME/ },
  ],
  'a value in single quotes': [
    run("az aks show --query '$CLUSTER_NAME'"),
    { warning: true, marked: '$CLUSTER_NAME', message: /single quotes/, wayOut: /"\$CLUSTER_NAME"/ },
  ],
  'a blank text': [text(' '), { marked: '" "', message: /`text` is blank/, wayOut: /write something/ }],
  'an az command without a postcondition': [
    run('az aks update --name $CLUSTER_NAME', 'normal: 5m'),
    {
      warning: true,
      marked: 'run',
      message: /nothing tells when this command has worked/,
      wayOut: /`done-when`.*`read-only: true`/,
    },
  ],
  'an upgrade that asks': [
    run('az aks upgrade --name $CLUSTER_NAME', "done-when: cluster.provisioningState == 'Succeeded'"),
    { warning: true, marked: 'az aks upgrade', message: /asks on the terminal/, wayOut: /--yes/ },
  ],
  'a command on another cluster': [
    run('az aks update --name myAKSCluster -g $RESOURCE_GROUP', 'done-when: policy.allowed'),
    { marked: 'myAKSCluster', message: /not the cluster of the run/, wayOut: /\$CLUSTER_NAME/ },
  ],
  'a command in another resource group': [
    run(
      'az aks nodepool update --name pool --cluster-name $CLUSTER_NAME --resource-group=myGroup',
      'done-when: policy.allowed',
    ),
    { marked: '--resource-group=myGroup', message: /not the cluster of the run/, wayOut: /\$RESOURCE_GROUP/ },
  ],
  'a command that reads another cluster': [
    run('az aks show -n myAKSCluster'),
    {
      warning: true,
      marked: 'myAKSCluster',
      message: /not the cluster of the run/,
      wayOut: /\$CLUSTER_NAME/,
    },
  ],
  'a command in another subscription': [
    run('az aks update -n $CLUSTER_NAME --subscription other', 'done-when: policy.allowed'),
    { marked: 'other', message: /subscription az is signed in to/, wayOut: /leave/ },
  ],
  'credentials that are there already': [
    run('az aks get-credentials -n $CLUSTER_NAME'),
    { marked: 'az aks get-credentials', message: /credentials/, wayOut: /remove the step/ },
  ],
  'kubectl sent elsewhere': [
    run('kubectl get secrets --context=other'),
    { marked: '--context=other', message: /another cluster/, wayOut: /leave it out/ },
  ],
  'a command whose lines YAML joins': [
    run('>-\n    kubectl get secrets\n    kubectl get pods'),
    { warning: true, marked: 'run', message: /joins the lines/, wayOut: /run: \|/ },
  ],
  'a shell': [
    run('/bin/bash -c x'),
    { marked: '/bin/bash', message: /is a shell/, wayOut: /programs directly/ },
  ],
  'a confirmation of what only reads': [
    run('kubectl x', 'read-only: true\n  confirm: enter'),
    { marked: 'enter', message: /only reads is not confirmed/, wayOut: /remove/ },
  ],
  'a confirmation with another name than the cluster': [
    run('kubectl x', 'irreversible: i\n  confirm: {type: RESOURCE_GROUP}'),
    { marked: '{type: RESOURCE_GROUP}', message: /name of the cluster/, wayOut: /CLUSTER_NAME/ },
  ],
  'a parameter to type that is written as in a command': [
    run('kubectl x', 'confirm: {type: $CLUSTER_NAME}'),
    { marked: '$CLUSTER_NAME', message: /`type` must be upper-case/, wayOut: /^$/ },
  ],
  'a detour from a later step': [
    `${plain.replace('}', ', even-if-failed: [b]}')}\n${plain.replace('id: a', 'id: b')}`,
    { marked: 'b', message: /does not come before/, wayOut: /has run by then/ },
  ],
  'an id that is too long for a file name': [
    plain.replace('id: a', `id: ${'a'.repeat(61)}`),
    { marked: 'a'.repeat(61), message: /too long: the most is 60/, wayOut: /^$/ },
  ],
  'a time without a unit': [
    run('kubectl x', 'timeout: 15'),
    { marked: '15', message: /must be a duration/, wayOut: /15m/ },
  ],
  'a time in words': [
    run('kubectl x', 'timeout: 15 minutes'),
    { marked: '15 minutes', message: /must be a duration/, wayOut: /^write 15m$/ },
  ],
  'a usual time longer than the limit': [
    run('kubectl x', 'normal: 2h\n  timeout: 1h'),
    { warning: true, marked: '2h', message: /longer than `timeout`, which is 1h/, wayOut: /longer one/ },
  ],
  'a wait that looks once': [
    '- {id: a, title: A, wait: {until: policy.allowed, every: 1h, timeout: 30m}}',
    { warning: true, marked: '1h', message: /longer than `timeout`/, wayOut: /longer one/ },
  ],
  'a pattern found everywhere': [
    run('kubectl x', "tolerate: [{pattern: 'NotFound|.*', because: b}]"),
    { marked: "'NotFound|.*'", message: /found in every output/, wayOut: /only this error/ },
  ],
  'a pattern of another language': [
    run('kubectl x', "explain: [{pattern: '(?i)x', means: m, do: d}]"),
    { marked: "'(?i)x'", message: /not a regular expression/, wayOut: /\(\?i\)/ },
  ],
  'a list as a shown value': [
    `${check('policy.allowed')}\n  value: access.missing`,
    {
      warning: true,
      marked: 'access.missing',
      message: /a list.*JSON/,
      wayOut: /join\(', ', access\.missing\)/,
    },
  ],
  'text that is true or false': [
    run('kubectl x', 'irreversible: true'),
    { marked: 'true', message: /must be text, not/, wayOut: /no way back/ },
  ],
  'true as text': [
    run('kubectl x', 'read-only: yes'),
    { marked: 'yes', message: /must be `true` or `false`, not text/, wayOut: /without quotes/ },
  ],
  'a list of one without brackets': [
    `${plain}\n${plain.replace('id: a', 'id: b').replace('}', ', even-if-failed: a}')}`,
    { marked: 'a', message: /must be a list/, wayOut: /\[a\]/ },
  ],
  'an instruction without its key': [
    '- {id: a, title: A, manual: Do it.}',
    { marked: 'Do it.', message: /must be a mapping/, wayOut: /instruction, attest/ },
  ],
  'captured values as a list': [
    capture.replace('{KEY: cluster.id}', '[KEY]'),
    { marked: '[KEY]', message: /must be a mapping/, wayOut: /NAME: …/ },
  ],
  'an empty item': [`${plain}\n-`, { marked: '-', message: /a step is a mapping/, wayOut: /id: …/ }],
  'a # in a title': [
    '- id: a\n  title: Fix #12 first\n  run: kubectl x',
    { warning: true, marked: '#12 first', message: /is a comment/, wayOut: /quotes/ },
  ],
};

for (const [what, [steps, mistake]] of Object.entries(inSteps))
  test(what, () => assertFound(load({ 'main.yaml': stepsText(steps) }), mistake));

const inFiles: Readonly<Record<string, readonly [files: string | Record<string, string>, mistake: Mistake]>> =
  {
    'an id that is not the name of the file': [
      stepsText(plain).replace('id: main', 'id: other'),
      {
        marked: 'other',
        message: /named for its id, and this one is main\.yaml/,
        wayOut: /id: main.*other\.yaml/,
      },
    ],
    'a runbook without steps': [
      runbookText('- {title: T, text: t}'),
      { marked: 'sections', message: /not one step/, wayOut: /`steps`/ },
    ],
    'an empty file': ['', { marked: '', message: /the file is empty/, wayOut: /`id:`/ }],
    'a list for a runbook': ['- a', { marked: '- a', message: /a mapping/, wayOut: /`id:`/ }],
    'no parameters': [
      stepsText(plain).replace(/parameters:\n(?: {2}.*\n)+/, ''),
      { marked: 'i', message: /`parameters` is missing/, wayOut: /CLUSTER_NAME/ },
    ],
    'steps at the top': [
      `${stepsText(plain)}\nsteps: []`,
      { marked: 'steps', message: /unknown key/, wayOut: /under `sections`/ },
    ],
    'a runbook that is included': [
      {
        'main.yaml': stepsText(plain).replace('sections:', 'sections:\n  - include: b.yaml'),
        'b.yaml': stepsText(plain),
      },
      { marked: 'b.yaml', message: /b\.yaml is a runbook/, wayOut: /into a fragment/ },
    ],
    'a fragment of explanations given as a runbook': [
      'explain: [{pattern: p, means: m, do: d}]',
      {
        marked: 'explain: [{pattern: p, means: m, do: d}]',
        message: /a fragment, not a runbook/,
        wayOut: /include/,
      },
    ],
    'an include with a title': [
      {
        'main.yaml': stepsText(plain).replace('sections:', 'sections:\n  - {include: b.yaml, title: T}'),
        'b.yaml': 'explain: [{pattern: p, means: m, do: d}]',
      },
      { marked: 'title', message: /unknown key/, wayOut: /stands alone/ },
    ],
    'an include from the web': [
      stepsText(plain).replace('sections:', 'sections:\n  - include: https://example.com/b.yaml'),
      { marked: 'https://example.com/b.yaml', message: /within the folder/, wayOut: /relative path/ },
    ],
    'a default that could be read as an option': [
      parameter('default: -x'),
      { marked: '-x', message: /the default begins with "-"/, wayOut: /another/ },
    ],
    'a default that takes its last zero from YAML': [
      parameter('default: 1.30'),
      { marked: '1.30', message: /must be text, not a number/, wayOut: /'1\.30'/ },
    ],
    'a value in a default': [
      parameter('default: $CLUSTER_NAME-x'),
      {
        warning: true,
        marked: '$CLUSTER_NAME',
        message: /a default is used as it stands/,
        wayOut: /value itself/,
      },
    ],
    'an explanation of no pattern': [
      parameter('pattern-help: a number'),
      { warning: true, marked: 'pattern-help', message: /no `pattern`/, wayOut: /add `pattern`/ },
    ],
    'a parameter every shell sets': [
      parameter('default: x').replaceAll('SIZE', 'HOME'),
      { warning: true, marked: 'HOME', message: /shells set a variable HOME/, wayOut: /another name/ },
    ],
    'a cluster picked for another parameter': [
      parameter('pick: cluster'),
      { warning: true, marked: 'pick', message: /whose name is CLUSTER_NAME/, wayOut: /remove `pick`/ },
    ],
    'a merge key': ['<<: {id: main}', { marked: '<<', message: /merge keys/, wayOut: /`include`/ }],
    'line breaks of another kind': [
      'id: main\rtitle: T',
      { marked: '\r', message: /carriage return/, wayOut: /LF/ },
    ],
    'a character that turns the text around': [
      stepsText(plain.replace('kubectl x', 'kubectl \u202Ex')),
      { marked: '\u202E', message: /U\+202E changes the order/, wayOut: /remove it/ },
    ],
    'a text that begins with !': [
      'id: !(main)',
      { marked: '!(main)', message: /not valid YAML/, wayOut: /`!`.*quotes/ },
    ],
    'a text that goes on behind its quotes': [
      "id: 'x' == y",
      { marked: '== y', message: /not valid YAML/, wayOut: /closing quote/ },
    ],
    'a backslash in double quotes': [
      String.raw`id: "a\.b"`,
      { marked: '\\', message: /not valid YAML/, wayOut: /single quotes/ },
    ],
  };

for (const [what, [files, mistake]] of Object.entries(inFiles))
  test(what, () => assertFound(load(typeof files === 'string' ? { 'main.yaml': files } : files), mistake));

function loaded(scenarios?: string[]): LoadedRunbook {
  return loadRunbook('main.yaml', () => stepsText(plain), scenarios);
}

test('a simulated cluster there is not', () => {
  assertFound(loaded(['kms', 'pmkk']), {
    marked: 'pmk',
    message: /no simulated cluster pmk/,
    wayOut: /`pmkk`/,
  });
  assert.deepEqual(loaded(['pmk']).problems, []);
  assert.deepEqual(loaded().problems, []);
});

const fine: Readonly<Record<string, string>> = {
  'a value captured by a step of which only the operator knows whether it applies, where that is asked': `${capture.replace('check:', 'when: policy.allowed, check:')}
- {id: b, title: B, run: kubectl $KEY, when: 'captured.KEY != \`null\`'}
- {id: c, title: C, run: kubectl $KEY, when: policy.allowed}
- {id: d, title: D, check: "captured.KEY == \`null\` || same_text(cluster.id, captured.KEY)", message: m}`,
  'a value captured from one captured before in the same step': capture.replace(
    '{KEY: cluster.id}',
    '{KEY: cluster.id, SAME: captured.KEY}',
  ),
  "variables of the operator's own shell in a text": text('Look into $HOME or ${KUBECONFIG}.'),
  'a changing command no fact can tell about': plain,
  'literal dollar signs': run("kubectl get x -o 'jsonpath={$.x}' '$x'"),
  'a node pool by its own name': run('az aks nodepool show --name pool --cluster-name $CLUSTER_NAME'),
  'what runs in a pod': run('kubectl exec p -- x --context y'),
  'a comment behind a value': '- id: a # the first\n  title: A\n  run: kubectl x # as the document says',
};

for (const [what, steps] of Object.entries(fine))
  test(`not a mistake: ${what}`, () =>
    assert.deepEqual(load({ 'main.yaml': stepsText(steps) }).problems, []));

test('of very many problems the first are listed, and that there are more', () => {
  for (const mistake of ['$X ', '; ']) {
    const { runbook, problems } = load({ 'main.yaml': stepsText(run(`kubectl ${mistake.repeat(5000)}`)) });
    assert.equal(runbook, undefined);
    assert.equal(problems.length, 201);
    assert.match(problems.at(-1)!.message, /there are more problems/);
  }
});

test('after the first mistake in a line of YAML, those that follow from it are not listed', () => {
  const { problems } = load({ 'main.yaml': "a: !x(y, 'z')\nb: !y(z, 'x')" });
  assert.deepEqual(
    problems.map(({ line }) => line),
    [1, 2],
  );
});

function assertFound(
  { runbook, problems }: LoadedRunbook,
  { marked, message, wayOut, warning }: Mistake,
): void {
  assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
  const [problem] = problems as [Problem];
  const from = [...problem.excerpt].slice(problem.column - 1);
  assert.equal(from.slice(0, marked === '' ? 0 : problem.length).join(''), marked);
  assert.match(problem.message, message);
  assert.match(problem.suggestion ?? '', wayOut);
  assert.equal(problem.severity, warning ? 'warning' : 'error');
  assert.equal(runbook !== undefined, warning === true);
}
