import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLoader } from './load.ts';
import { describeFaults, type Row } from '../test/faults.ts';

/** A route with a graphql policy. */
function policy(text: string): string {
  return `services: { s: { endpoints: [http://a] } }\nroutes: { r: { service: s, policies: { graphql: ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  graphql: [
    [policy('»[]'), 'WRONG_TYPE'],
    [policy('{ »depth: 3 }'), 'UNKNOWN_KEY'],
    [policy('{ maxDepth: »0 }'), 'OUT_OF_RANGE'],
    [policy('{ maxTokens: »5 }'), 'OUT_OF_RANGE'],
    [policy('{ maxBatch: »0 }'), 'OUT_OF_RANGE'],
    [policy('{ introspection: »maybe }'), 'WRONG_TYPE'],
    [policy('{ »persistedOperations: { only: true } }'), 'MISSING_KEY'],
    [policy('{ schema: »"" }'), 'BAD_VALUE'],
  ],
};

describeFaults(ERRORS);

describe('files for GraphQL', () => {
  const main = `listeners: { w: { address: ":80" } }\n${policy('{ schema: s.graphql, persistedOperations: ops }')}\n`;

  async function load(
    files: Readonly<Record<string, string>>,
    folders: Readonly<Record<string, string[]>> = {},
  ) {
    const all: Readonly<Record<string, string>> = { '/c.yaml': main, ...files };
    const loader = createLoader({
      env: {},
      files: {
        read: (path) => {
          const text = all[path];
          return text === undefined
            ? Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' }))
            : Promise.resolve(Buffer.from(text));
        },
        list: (path) => Promise.resolve(folders[path] ?? null),
      },
    });
    const { config, issues, files: watched, directories } = await loader(['/c.yaml']);
    return {
      config,
      messages: issues.map(({ message, line }) => `${line} ${message}`),
      watched,
      directories,
    };
  }

  const schema = { '/s.graphql': 'type Query { a: Int }' };

  it('are read, watched and kept in one form', async () => {
    const files = { ...schema, '/ops/B.graphql': '{ a }', '/ops/A.gql': 'query A { a }', '/ops/C.txt': '?' };
    const found = await load(files, { '/ops': ['B.graphql', 'A.gql', 'C.txt'] });
    assert.deepEqual(found.messages, []);
    assert.equal(found.config?.documents['/s.graphql'], JSON.stringify('type Query { a: Int }'));
    assert.equal(found.config?.documents['/ops'], JSON.stringify({ A: 'query A { a }', B: '{ a }' }));
    for (const path of ['/s.graphql', '/ops', '/ops/A.gql']) assert.ok(found.watched.includes(path), path);
    assert.deepEqual(found.directories, ['/ops']);
  });

  it('may be a manifest', async () => {
    const found = await load({ ...schema, '/ops': '{"GetA":"{ a }"}' });
    assert.equal(found.config?.documents['/ops'], '{"GetA":"{ a }"}');
  });

  const wrong: readonly (readonly [what: string, files: Record<string, string>, message: RegExp])[] = [
    ['a schema that is not there', { '/ops': '{"A":"{ a }"}' }, /^3 .*schema: the file .* does not exist/],
    ['a schema that is none', { '/s.graphql': 'type {', '/ops': '{"A":"{ a }"}' }, /is no schema: .* Line 1/],
    ['an operation that cannot be read', { ...schema, '/ops': '{"A":"{ a"}' }, /: A: Syntax Error/],
    [
      'an operation without any',
      { ...schema, '/ops': '{"A":"fragment F on Q { a }"}' },
      /A has no operation/,
    ],
    ['a manifest that is no JSON', { ...schema, '/ops': '{' }, /is not JSON/],
    ['a manifest of something else', { ...schema, '/ops': '[1]' }, /neither an object of texts/],
    ['no operations', { ...schema, '/ops': '{}' }, /has no operations/],
  ];
  for (const [what, files, message] of wrong)
    it(`are refused: ${what}`, async () => {
      const { config, messages } = await load(files);
      assert.equal(config, null);
      assert.ok(
        messages.some((text) => message.test(text)),
        messages.join('\n'),
      );
    });
});
