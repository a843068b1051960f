import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiOf } from './openapi.ts';
import { LIBRARY } from './transcode-testing.ts';

const schema = LIBRARY.of('library');
assert.ok(schema !== null);
const { document, problems } = openApiOf(schema, {
  title: 'Library',
  version: '1',
  prefix: '/api',
  rules: [],
});
const paths = document['paths'] as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: object };
  readonly responses: Readonly<Record<string, { readonly content: object }>>;
}

function operation(path: string, method: string): Operation {
  const found = paths[path]?.[method];
  assert.ok(found !== undefined, `no ${method} ${path} in ${Object.keys(paths).join(' ')}`);
  return found;
}

describe('the OpenAPI document of a transcoded service', () => {
  it('is valid', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.deepEqual(document['servers'], [{ url: '/api' }]);
  });

  it('has the paths that clients ask for, and says what has no place in it', () => {
    assert.deepEqual(Object.keys(paths).sort(), [
      '/library.v1.Library/CountBooks',
      '/v1/books',
      '/v1/books/{id}:move',
      '/v1/books:search',
      '/v1/discussion',
      '/v1/shelves/{book.name1}/books/{book.name2}',
      '/v1/shelves/{name1}/books/{name2}',
      '/v1/shelves/{name1}/books/{name2}/cover',
      '/v1/shelves/{name1}/books/{name2}:read',
      '/v1/shelves/{parent1}/books',
      '/v1/shelves/{parent1}/books:add',
      '/v1/shelves/{parent1}/books:watch',
    ]);
    assert.deepEqual(problems, ['PURGE /v1/{parent=shelves/**}: OpenAPI has no place for it']);
  });

  it('has the parameters that are for the query', () => {
    const { parameters = [] } = operation('/v1/shelves/{parent1}/books', 'get');
    assert.deepEqual(
      parameters.map(({ name, in: place }) => `${place} ${name}`),
      [
        'path parent1',
        'query pageSize',
        'query genres',
        'query years',
        'query filter.text',
        'query filter.since',
        'query filter.inner.text',
        'query filter.inner.since',
        'query pageToken',
        'query mask',
        'query rating',
        'query score',
        'query recent',
        'query orderBy',
        'query unordered',
      ],
    );
    const created = operation('/v1/shelves/{parent1}/books', 'post');
    assert.deepEqual(
      created.parameters?.map(({ name }) => name),
      ['parent1', 'requestId'],
    );
    assert.deepEqual(
      operation('/v1/books/{id}:move', 'post').parameters?.map(({ name }) => name),
      ['id'],
    );
  });

  it('has the bodies of requests and replies', () => {
    const book = { $ref: '#/components/schemas/library.v1.Book' };
    const got = operation('/v1/shelves/{name1}/books/{name2}', 'get');
    assert.deepEqual(
      [got.operationId, got.description, got.requestBody],
      ['Library_GetBook', 'One book.', undefined],
    );
    assert.deepEqual(got.responses['200']?.content, { 'application/json': { schema: book } });
    const listed = operation('/v1/shelves/{parent1}/books', 'get');
    assert.deepEqual(listed.responses['200']?.content, {
      'application/json': { schema: { type: 'array', items: book } },
    });
    const created = operation('/v1/shelves/{parent1}/books', 'post');
    assert.deepEqual(created.requestBody?.content, { 'application/json': { schema: book } });
    const watched = operation('/v1/shelves/{parent1}/books:watch', 'get');
    assert.deepEqual(Object.keys(watched.responses['200']?.content ?? {}), [
      'application/json',
      'application/x-ndjson',
      'text/event-stream',
    ]);
    assert.deepEqual(operation('/v1/shelves/{name1}/books/{name2}/cover', 'put').requestBody?.content, {
      '*/*': {},
    });
    assert.equal(operation('/v1/books', 'get').operationId, 'Library_ListBooks2');
  });

  it('refers to schemas that it has', () => {
    const { schemas } = document['components'] as { readonly schemas: object };
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    for (const [, name = ''] of references) assert.ok(name in schemas, name);
    assert.doesNotMatch(JSON.stringify(document), /\$defs/);
  });
});
