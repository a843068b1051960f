import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DocumentSet, uriOf } from '../openapi/document-set.ts';
import { documentWith } from '../validation-testing.ts';
import { checkDocument, type DocumentUse } from './check-document.ts';

const MAIN = '/test/api.yaml';

/** What is wrong with a document, in short. */
async function problems(
  document: unknown,
  use: DocumentUse = 'openapi',
  others: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const documents = new DocumentSet();
  for (const [path, root] of Object.entries({ [MAIN]: document, ...others })) documents.add(path, () => root);
  const found = await checkDocument(documents, uriOf(MAIN), use);
  return found.map(
    ({ uri, pointer, severity }) => `${severity} ${uri === uriOf(MAIN) ? '' : uri}#${pointer}`,
  );
}

const withSchema = (schema: unknown, version = '3.1.0', components = {}) =>
  documentWith({ version, operation: { parameters: [{ name: 'a', in: 'query', schema }] }, components });
const SCHEMA = '#/paths/~1things/get/parameters/0/schema';

describe('checkDocument', () => {
  for (const version of ['3.0.0', '3.0.4', '3.1.1', '3.2.0'])
    it(`finds nothing wrong with a document of ${version}`, async () =>
      assert.deepEqual(await problems(documentWith({ version })), []));

  for (const document of [{}, null, [], 'x', { swagger: '2.0' }, { openapi: '4.0.0' }, { openapi: 3.1 }])
    it(`does not take ${JSON.stringify(document)} for a document`, async () =>
      assert.deepEqual(await problems(document), ['error #']));

  it('tells where the structure is wrong, and of alternatives only the one that was meant', async () => {
    for (const version of ['3.0.3', '3.1.0', '3.2.0']) {
      const place = { name: 'a', in: 'nowhere', schema: {} };
      assert.deepEqual(await problems(documentWith({ version, operation: { parameters: [place] } })), [
        'error #/paths/~1things/get/parameters/0/in',
      ]);
      assert.deepEqual(await problems(documentWith({ version, operation: { requestBody: {} } })), [
        'error #/paths/~1things/get/requestBody',
      ]);
    }
    assert.deepEqual(await problems({ ...documentWith({}), pahts: {} }), ['error #/pahts']);
  });

  const wrong: readonly (readonly [what: string, schema: unknown, at: string])[] = [
    ['a type that is none', { type: 'strin' }, '/type'],
    ['a keyword with a wrong value', { properties: { a: { minLength: 'x' } } }, '/properties/a/minLength'],
    ['a pattern that takes exponential time', { items: { pattern: '(a)\\1' } }, '/items/pattern'],
    ['such a pattern for names', { patternProperties: { '(?=a)': {} } }, '/patternProperties/(?=a)'],
    ['a reference to nothing', { $ref: '#/components/schemas/A' }, ''],
    ['a reference to a file that is not there', { $ref: 'none.yaml' }, ''],
    ['a reference to the network', { allOf: [{ $ref: 'https://example.com/a.json' }] }, '/allOf/0'],
    ['a reference to itself', { $ref: SCHEMA }, ''],
    ['an anchor that is not there', { $ref: '#nowhere' }, ''],
    ['another version of JSON Schema', { $schema: 'http://json-schema.org/draft-07/schema#' }, ''],
    ['a dynamic reference', { $dynamicRef: '#a' }, ''],
  ];
  for (const [what, schema, at] of wrong) {
    it(`tells of ${what}`, async () =>
      assert.deepEqual(await problems(withSchema(schema)), [`error ${SCHEMA}${at}`]));
  }

  it('tells of the same in 3.0', async () => {
    assert.deepEqual(await problems(withSchema({ type: 'strin' }, '3.0.3')), [`error ${SCHEMA}/type`]);
    assert.deepEqual(await problems(withSchema({ pattern: '(?!a)' }, '3.0.3')), [`error ${SCHEMA}/pattern`]);
  });

  it('warns of what will not be checked', async () => {
    assert.deepEqual(await problems(withSchema({ format: 'iban' })), [`warning ${SCHEMA}/format`]);
    assert.deepEqual(await problems(documentWith({ path: '/things/{id}' })), [
      'warning #/paths/~1things~1{id}/get',
    ]);
    const parameters = [{ name: 'x', in: 'path', required: true, schema: {} }];
    assert.deepEqual(await problems(documentWith({ operation: { parameters } })), [
      'warning #/paths/~1things/get/parameters/0',
    ]);
    const content = { 'text/csv, text/html': {}, 'text/*': {} };
    assert.deepEqual(await problems(documentWith({ operation: { requestBody: { content } } })), [
      'warning #/paths/~1things/get/requestBody/content/text~1csv, text~1html',
    ]);
  });

  it('tells of paths that take each other’s requests', async () => {
    const document = {
      openapi: '3.1.0',
      info: { title: '', version: '' },
      paths: { '/{a}': {}, '/b': {}, '/{c}': {} },
    };
    assert.deepEqual(await problems(document), ['error #/paths/~1{c}']);
  });

  it('looks at examples as examples', async () => {
    const schema = {
      type: 'object',
      example: { $ref: '#/nowhere', type: 'strin' },
      default: { pattern: '(?=a)' },
      const: { $ref: 'x' },
    };
    assert.deepEqual(await problems(withSchema(schema)), []);
  });

  it('tells what is wrong in another document there', async () => {
    const others = {
      '/test/parts/a.yaml': { A: { $ref: 'b.json#/x' } },
      '/test/parts/b.json': { x: { type: 'strin' } },
    };
    assert.deepEqual(await problems(withSchema({ $ref: 'parts/a.yaml#/A' }), 'openapi', others), [
      'error file:///test/parts/b.json#/x/type',
    ]);
  });

  it('checks what nothing uses, too', async () => {
    const components = {
      schemas: { A: { type: 'strin' } },
      parameters: { P: { $ref: '#/components/parameters/Q' } },
    };
    assert.deepEqual((await problems(withSchema({}, '3.1.0', components))).toSorted(), [
      'error #/components/parameters/P',
      'error #/components/schemas/A/type',
    ]);
  });

  it('checks schemas by themselves', async () => {
    assert.deepEqual(
      await problems(
        { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: true } },
        'schema',
      ),
      [],
    );
    assert.deepEqual(await problems({ type: 'strin' }, 'schema'), ['error #/type']);
    assert.deepEqual(await problems([], 'schema'), ['error #']);
    assert.deepEqual(await problems(true, 'schema'), []);
  });
});
