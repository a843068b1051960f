import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { loadTexts, loadYaml } from '../test/fixtures.ts';
import { formatIssue } from './issue.ts';
import { parseYaml } from './load/yaml.ts';
import { readConfig } from './read-config.ts';
import { plainSource } from './source/source.ts';

const example = await readFile(new URL('../test/gateway.example.yaml', import.meta.url), 'utf8');

/** The example of what is built, with texts in place of its references. */
const built = parseYaml(
  (await readFile(new URL('../../../examples/gateway.example.yaml', import.meta.url), 'utf8')).replaceAll(
    /\$\{env:\w+(?::-([^}]*))?\}/g,
    (_, fallback?: string) => fallback ?? 'any-text-of-at-least-32-characters',
  ),
).value;

/** What is in documents, and what should not be. */
const scrap = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ' - ',
    '\n',
    '  ',
    '"',
    '*a ',
    '&a ',
    '${env:X}',
    '${',
    '!!map ',
    'null',
    '\t',
  ),
  fc.constantFrom(
    '<<: ',
    '? ',
    '| ',
    '> ',
    '%',
    '#',
    '---\n',
    '__proto__: ',
    '\\',
    "'",
    'off',
    '-1',
    '1e999',
    '.nan',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const edit = fc.record({ at: fc.nat(example.length), cut: fc.nat(40), put: scrap });

function applyEdits(text: string, edits: readonly { at: number; cut: number; put: string }[]): string {
  return edits.reduce((rest, { at, cut, put }) => rest.slice(0, at) + put + rest.slice(at + cut), text);
}

/** Documents that come close: right keys with wrong values. */
const KEYS = `listeners services routes admin telemetry runtime defaults policies match path web address limits
  endpoints url weight errors 503 body threads accessLog to redirect respond service rewrite headers timeouts
  identityProviders issuer jwks login session secret client clientId clientSecret consumers keys key expires basic
  certificates subject metadata lists addresses file ipAccess allow deny authenticate with authorize scopes claims
  rule external upstreamCredentials clientCredentials tokenExchange forwardIdentity mode
  rateLimit limit per by burst plans limitFrom when cost group algorithm concurrency priority level validate openapi
  query cors origins credentials securityHeaders bodyBytes jsonDepth stores redis url cluster sentinel
  database encryption poll timeout
  __proto__ constructor toString`;
const known = fc.constantFrom(...KEYS.split(/\s+/));

const { document } = fc.letrec((tie) => ({
  document: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      '',
      'off',
      '/a',
      '/{rest}/*',
      '5s',
      '1KiB',
      ':80',
      'http://a',
      '*',
      '/(/',
      'path',
      '@path',
      'jwt',
      '{path.id}',
      '2027-01-31',
      'consumers',
      'at-least-16-chars',
      'identity',
      'header:a',
      'rule:request.method',
      'response.status',
      'redis://a',
      'sqlite:a',
      'postgres://a/b',
      'https://a',
      7,
    ),
    fc.array(tie('document'), { maxLength: 3 }),
    fc.dictionary(known, tie('document'), { maxKeys: 5 }),
  ),
}));

/** What comes close to a description of an API. */
const API_KEYS = `openapi info title version paths /a /a/{b} {c}.json get put trace parameters name in required schema type
  $ref requestBody content application/json responses 200 default components schemas S properties items allOf oneOf
  pattern format operationId servers __proto__ constructor`;

const { description } = fc.letrec((tie) => ({
  description: fc.oneof(
    { maxDepth: 8, depthSize: 'medium' },
    fc.constantFrom<unknown>(
      null,
      true,
      -1,
      '',
      '3.1.0',
      'path',
      'query',
      'b',
      'string',
      '(a+)+$',
      'date',
      '#/components/schemas/S',
      '#/paths/~1a',
      'gone.json#/a',
    ),
    fc.array(tie('description'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...API_KEYS.split(/\s+/)), tie('description'), { maxKeys: 5 }),
  ),
}));

describe('whatever a document holds', () => {
  it('never throws on a mutated text, and says why it gives no configuration', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const { config, issues } = await loadYaml(applyEdits(example, edits), { X: 'x' });
        assert.ok(config !== null || issues.length > 0);
        for (const { line, column } of issues) assert.ok(line >= 1 && column >= 1);
      }),
      { numRuns: 200 },
    );
  });

  it('never throws on a mutated JSON text', async () => {
    const json = JSON.stringify(
      { routes: { r: { match: { path: '/a/{id}' }, respond: { body: 'x' } } } },
      null,
      1,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 4 }), async (edits) => {
        const text = applyEdits(
          json,
          edits.map(({ at, cut, put }) => ({ at: at % json.length, cut: cut % 5, put })),
        );
        const { config, issues } = await loadTexts({ '/g.json': text });
        assert.ok(config !== null || issues.length > 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on data of any shape, and gives the same as JSON and as YAML', async () => {
    await fc.assert(
      fc.asyncProperty(document, async (value) => {
        const { config, issues } = readConfig([plainSource('/g.json', value)]);
        assert.ok(config !== null || issues.length > 0);
        const text = JSON.stringify(value);
        const json = await loadTexts({ '/g.json': text });
        const yaml = await loadTexts({ '/g.yaml': text });
        assert.deepEqual(json.issues.map(withoutFile), yaml.issues.map(withoutFile));
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever stands in any place of the example', () => {
    for (const path of pathsOf(built)) {
      for (const odd of [null, true, '', '@odd', '{path.odd}', '/odd', {}, ['odd'], { odd: 1 }, [{}]]) {
        const { config, issues } = readConfig([plainSource('/g.json', replaced(built, path, odd))]);
        assert.ok(config !== null || issues.length > 0, path.join('.'));
      }
    }
  });

  it('tells of one fault in the example once, and not of what follows from it', () => {
    for (const path of pathsOf(built)) {
      for (const odd of ['odd', 1.5, []]) {
        const { issues } = readConfig([plainSource('/g.json', replaced(built, path, odd))]);
        assert.ok(issues.length <= 1, issues.map(formatIssue).join('\n'));
      }
    }
  });

  it('never throws for files that it names', async () => {
    const config = JSON.stringify({
      services: { s: { endpoints: ['http://a'] } },
      apis: { a: { openapi: 'a.json', service: 's' } },
      routes: { r: { service: 's', policies: { validate: { body: 'a.json' } } } },
    });
    const half = { openapi: '3.1.0', info: { title: 'a', version: '1' } };
    const documents = fc.oneof(
      description,
      description.map((paths) => ({ ...half, paths })),
    );
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        const texts = { '/g.json': config, '/a.json': JSON.stringify(document) };
        const { config: read, issues } = await loadTexts(texts, {}, ['/g.json']);
        assert.ok(read !== null || issues.length > 0);
      }),
      { numRuns: 150 },
    );
  });

  it('stops alias bombs', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(n === 0 ? 0 : 10)} 1]`,
    );
    const { issues } = await loadYaml(levels.join('\n'));
    assert.ok(issues.some(({ code, message }) => code === 'SYNTAX' && message.includes('repeats too much')));
  });

  it('stops at nesting without end', async () => {
    for (const file of ['/g.yaml', '/g.json']) {
      const { issues } = await loadTexts({ [file]: '['.repeat(100_000) });
      assert.equal(issues[0]?.code, 'SYNTAX');
      const closed = await loadTexts({ [file]: `${'['.repeat(5000)}${']'.repeat(5000)}` });
      assert.ok(closed.issues.length > 0);
    }
  });
});

/** Every place below a value. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [key],
    ...pathsOf(child).map((below) => [key, ...below]),
  ]);
}

/** The same with something else in one place. */
function replaced(value: unknown, [key, ...below]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], below, by);
  return copy;
}

function withoutFile({
  code,
  line,
  column,
  pointer,
}: {
  code: string;
  line: number;
  column: number;
  pointer: string;
}): unknown {
  return [code, line, column, pointer];
}
