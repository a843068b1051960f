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
    [policy('{ »depth: 3 }'), 'UNKNOWN_KEY', 'maxDepth'],
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

  /** A route to an operation that is in `/o.graphql`, or in the manifest `/m.json`. */
  function operated(text: string, more = ''): string {
    return `listeners: { w: { address: ":80" } }
services: { s: { endpoints: [http://a] } }
routes:
  r:
    match: { path: "/a/{id}" }
    service: s
    translate: { graphql: { ${text} } }
    ${more}`;
  }

  it('may be one operation, which a route is translated to', async () => {
    const query = 'query Q($id: ID, $n: Int) { x: a ... on Query { b } ...F } fragment F on Query { c }';
    for (const [text, field] of [
      ['operation: o.graphql, field: x', 'x'],
      ['operation: o.graphql, field: b', 'b'],
      ['operation: o.graphql, id: o, field: c', 'c'],
    ] as const) {
      const { config, messages } = await load({ '/c.yaml': operated(text), '/o.graphql': query });
      assert.deepEqual(messages, []);
      assert.equal(config?.documents['/o.graphql'], JSON.stringify({ o: query }));
      const { translate } = config.routes[0] ?? {};
      assert.equal(translate?.kind === 'graphql' && translate.field, field);
    }
    const manifest = JSON.stringify({ A: 'query($id: ID) { a }', B: '{ b }' });
    const named = await load({ '/c.yaml': operated('operation: m.json, id: A'), '/m.json': manifest });
    assert.deepEqual(named.messages, []);
  });

  const misused: readonly (readonly [
    what: string,
    text: string,
    operation: string,
    message: RegExp,
    more?: string,
  ])[] = [
    ['several', 'operation: m.json', '{"A":"{ a }","B":"{ b }"}', /^7 .*has 2 operations; say with id/],
    ['not there', 'operation: m.json, id: C', '{"A":"{ a }"}', /has no operation C/],
    ['two in one', 'operation: m.json', '{"A":"query X { a } query Y { b }"}', /several operations/],
    ['a subscription', 'operation: m.json', '{"A":"subscription { a }"}', /subscription has many answers/],
    [
      'without the variable of the path',
      'operation: m.json',
      '{"A":"query($n: Int) { a }"}',
      /\{id\} .* which has n/,
    ],
    [
      'without that field',
      'operation: m.json, field: b',
      '{"A":"query($id: ID) { a }"}',
      /no b in its data, but a/,
    ],
    [
      'a policy for those of clients beside',
      'operation: m.json',
      '{"A":"query($id: ID) { a }"}',
      /^8 .*policies.graphql looks at operations of clients/,
      'policies: { graphql: { maxDepth: 3 } }',
    ],
  ];
  for (const [what, text, operation, message, more] of misused)
    it(`are refused as an operation of a route: ${what}`, async () => {
      const { config, messages } = await load({ '/c.yaml': operated(text, more), '/m.json': operation });
      assert.equal(config, null);
      assert.equal(messages.length, 1, messages.join('\n'));
      assert.match(messages[0] ?? '', message);
    });
});
