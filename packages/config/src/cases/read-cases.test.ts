import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { readCases, type ReadCases } from './read-cases.ts';

/** A file of tests with this text. */
function read(text: string, name = 'a.test.yaml'): Promise<ReadCases> {
  return readCases(name, {
    read: (path) =>
      path === resolve(name)
        ? Promise.resolve(Buffer.from(text))
        : Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })),
    list: () => Promise.resolve(null),
  });
}

describe('a file of tests', () => {
  it('has defaults and units', async () => {
    const { tests, issues } = await read(
      'cases: { a: { after: 61s, request: GET /a, expect: { status: 200, upstream: none } } }',
    );
    assert.deepEqual(issues, []);
    assert.equal(tests?.now, Date.parse('2026-01-01T12:00:00Z'));
    assert.equal(tests?.cases.get('a')?.after, 61_000);
    assert.equal(tests?.cases.get('a')?.expect?.upstream, 'none');
    assert.deepEqual(tests?.cases.get('a')?.steps, []);
  });

  it('keeps JSON as it is, also what looks like something else', async () => {
    const json = { status: '*', nested: [1, null, { a: false }] };
    const { tests } = await read(JSON.stringify({ cases: { a: { expect: { json } } } }), 'a.test.json');
    assert.deepEqual(tests?.cases.get('a')?.expect?.json, json);
  });

  const FAULTS: readonly (readonly [name: string, text: string, message: RegExp, place: string])[] = [
    [
      'a key that is misspelt',
      'cases:\n  a:\n    expect: { statsu: 200 }',
      /unknown key "statsu"; did you mean status\?/,
      '3:15',
    ],
    [
      'a key of a service that is misspelt',
      'services:\n  users: { statos: 200 }\ncases: {}',
      /services\.users\.statos: .*did you mean status/,
      '2:12',
    ],
    ['a status that is none', 'cases: { a: { expect: { status: 42 } } }', /from 100 to 599/, '1:33'],
    ['a duration without a unit', 'cases: { a: { after: 61 } }', /a duration such as/, '1:22'],
    [
      'a failure that services do not have',
      'services: { a: { fails: crash } }\ncases: {}',
      /connect, timeout or reset/,
      '1:25',
    ],
    ['a file without cases', 'config: gateway.yaml', /the key "cases" is missing/, '1:1'],
    ['a text that is no YAML', 'cases: {', /not valid YAML/, '1:8'],
  ];
  for (const [name, text, message, place] of FAULTS)
    it(`is refused for ${name}, with its place`, async () => {
      const { tests, issues } = await read(text);
      assert.equal(tests, null);
      const [issue] = issues;
      assert.match(issue?.message ?? '', message);
      assert.equal(`${issue?.line}:${issue?.column}`, place);
    });

  it('says so when it is not there', async () => {
    const { issues } = await readCases('none.yaml', {
      read: () => Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })),
      list: () => Promise.resolve(null),
    });
    assert.match(issues[0]?.message ?? '', /cannot be read: it does not exist/);
  });
});
