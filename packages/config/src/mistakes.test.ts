import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { memoryFiles } from '../test/fixtures.ts';
import { codeFrame } from './issue.ts';
import { createLoader, loadConfig } from './load.ts';
import { compileProtos } from './load/compile-protos.ts';

const START = 'services:\n  s: {endpoints: [http://h:1]}\nroutes:\n';

function route(more: string): string {
  return `${START}  r: {match: {path: /a}, service: s, ${more}}\n`;
}

/** What people write, in which line and column they are told, and a word of how to mend it. */
const MISTAKES: readonly (readonly [name: string, text: string, place: string, hint: string])[] = [
  ['indented too far', `${START}  r:\n    match: {path: /a}\n     service: s\n`, '6:6', 'same column'],
  ['a tab', `${START}  r:\n\tmatch: {path: /a}\n    service: s\n`, '5:1', 'use spaces'],
  ['a colon is missing', `${START}  r:\n    match\n      path: /a\n`, '5:5', 'a colon and a space'],
  [
    'a colon is missing before a bracket',
    `${START}  r:\n    match {path: /a}\n    service: s\n`,
    '5:5',
    'missing after match?',
  ],
  [
    'a colon without a space',
    `${START}  r:\n    match:{path: /a}\n    service: s\n`,
    '5:5',
    'missing after match?',
  ],
  [
    'a quotation that does not end',
    `${START}  r:\n    match: {path: "/a}\n    service: s\n`,
    '5:19',
    'not closed; add "',
  ],
  [
    'a bracket that does not end',
    `${START}  r: {match: {path: /a}, service: s\n`,
    '4:6',
    'not closed; add }',
  ],
  ['too many levels', `a: ${'['.repeat(300)}${']'.repeat(300)}`, '1:204', 'more than 200 levels'],
  ['many more levels', `a: ${'['.repeat(50_000)}`, '1:', 'more than 200 levels'],
  [
    'a mapping in the middle of a line',
    `${START}  r:\n    match: {path: /a}\n    service: s\n    policies: timeout: 5s\n`,
    '7:15',
    'middle of a line',
  ],
  [
    'an escape of a regular expression between double quotes',
    `${START}  r: {match: {path: /a, headers: {x: "/\\d/"}}, service: s}\n`,
    '4:40',
    'single quotes',
  ],
  ['a policy beside the policies', route('timeout: 5s'), '4:38', 'did you mean policies.timeout?'],
  [
    'a condition beside the match',
    `${START}  r: {path: /a, service: s}\n`,
    '4:7',
    'did you mean match.path or rewrite.path?',
  ],
  ['the name of a neighbour', route('policies: {retries: {attempts: 2}}'), '4:49', 'did you mean retry?'],
  ['a section in a section', 'services:\n  routes:\n    r: {service: s}\n', '3:5', 'indented too far'],
  ['one value for a list', route('policies: {cors: {origins: "*", methods: GET}}'), '4:79', 'put it in [ ]'],
  ['a list for entries', 'routes:\n  - name: r\n', '2:3', 'begin each route with its name'],
  ['a number for a duration', route('policies: {timeout: 5}'), '4:58', 'did you mean 5s?'],
  ['a duration below nothing', route('policies: {timeout: -5s}'), '4:58', 'is negative'],
  [
    'a regular expression that looks ahead',
    `${START}  r: {match: {path: /a, headers: {x: '/(?=a)/'}}, service: s}\n`,
    '4:38',
    'looks ahead',
  ],
  ['an anchor in itself', 'services: &x\n  s: *x\n', '2:6', 'refers to nothing before it'],
];

const JSON_MISTAKES: readonly (readonly [name: string, text: string, place: string, hint: string])[] = [
  ['an empty file', ' ', '1:1', 'write {}'],
  ['a comma too many', '{"services": {},}', '1:17', 'remove the comma'],
  ['a comma too many in a list', '{"a": [1,]}', '1:10', 'remove the comma'],
  ['a comment', '{"services": {} // none\n}', '1:17', 'write YAML'],
  ['a comment before a key', '{ # none\n}', '1:3', 'write YAML'],
  ['a cut', '{"services": {', '1:15', 'ends too early'],
];

async function toldOf(file: string, text: string | Uint8Array): Promise<string[]> {
  const files = {
    ...memoryFiles({}),
    read: async () => (typeof text === 'string' ? new TextEncoder().encode(text) : text),
    list: async () => null,
  };
  const { issues } = await createLoader({ files, env: {} })([file]);
  return issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('mistakes are told once, where they are, with what to do', () => {
  for (const [file, table] of [
    ['/g.yaml', MISTAKES],
    ['/g.json', JSON_MISTAKES],
  ] as const) {
    for (const [name, text, place, hint] of table) {
      it(`${name} (${file})`, async () => {
        const told = await toldOf(file, text);
        assert.equal(told.length, 1, told.join('\n'));
        const [one = ''] = told;
        assert.ok(one.startsWith(place) && one.includes(hint), one);
      });
    }
  }

  it('text that is not UTF-8', async () => {
    const [told] = await toldOf('/g.yaml', Buffer.from('services:\n  caf\xe9: 1\n', 'latin1'));
    assert.match(told ?? '', /^2:6 .*save it as UTF-8$/);
  });

  it('a bomb of aliases', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `a${n}: &a${n} [${n === 0 ? 1 : `*a${n - 1},`.repeat(10)}]`,
    );
    const told = await toldOf('/g.yaml', levels.join('\n'));
    assert.equal(told.filter((one) => one.includes('repeats too much')).length, 1);
  });
});

describe('files that are none', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'turnpike-mistakes-'));
  });
  after(() => rm(directory, { recursive: true }));

  const told = async (name: string): Promise<string> => {
    const { issues } = await loadConfig([join(directory, name)]);
    return issues.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
  };

  it('are told to be devices, links to themselves or directories without files', async () => {
    await symlink('/dev/zero', join(directory, 'zero.yaml'));
    await symlink('loop.yaml', join(directory, 'loop.yaml'));
    await mkdir(join(directory, 'empty'));
    assert.match(await told('zero.yaml'), /a device, a pipe or a socket/);
    assert.match(await told('loop.yaml'), /leads to itself/);
    assert.match(await told('empty'), /no \.yaml, \.json or \.config\.ts file/);
  });

  it('modules say where they fail, and what they export that is no configuration', async () => {
    await writeFile(
      join(directory, 'throws.config.ts'),
      'const a: number = 1;\n  throw new Error("boom");\nexport default a;\n',
    );
    await writeFile(
      join(directory, 'round.config.ts'),
      'const a: any = { b: [] }; a.b.push({ c: a }); export default a;\n',
    );
    await writeFile(
      join(directory, 'twice.config.ts'),
      'const a = {}; export default { services: a, routes: a };\n',
    );
    await writeFile(join(directory, 'made.config.ts'), 'export default () => ({});\n');
    assert.match(await told('throws.config.ts'), /^2:9 .*boom$/);
    assert.match(await told('round.config.ts'), /"c" contains itself/);
    assert.equal(await told('twice.config.ts'), '');
    assert.match(await told('made.config.ts'), /what it exports is a function/);
  });

  it('sources that cannot be compiled, because nothing can be written, are an issue', async () => {
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = join(directory, 'nowhere');
    const compiled = await compileProtos(new Map([['a.proto', 'syntax = "proto3";']]));
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    assert.ok(compiled.kind === 'failed' && compiled.message.includes('set TMPDIR'));
  });
});

it('shows a part of a line that is very long', () => {
  const frame = codeFrame(`${'x'.repeat(1000)}!${'y'.repeat(1000)}`, { line: 1, column: 1001 });
  const [text = '', caret = ''] = frame.split('\n');
  assert.ok(text.length < 200);
  assert.equal(text[caret.length - 1], '!');
});
