import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyViolations, contractOf, documentWith, found, headOf, inShort } from '../validation-testing.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });

/** What is wrong with a JSON body of a request, by the schema of that body. */
function requestFaults(schema: object, value: unknown, version = '3.1.0', components = {}): string[] {
  const document = documentWith({
    version,
    method: 'post',
    operation: { requestBody: json(schema) },
    components,
  });
  const { operation } = found(document, { method: 'POST' });
  return inShort(bodyViolations(operation, JSON.stringify(value)));
}

function responseFaults(schema: object, value: unknown, components = {}): string[] {
  const responses = { 200: { description: '', ...json(schema) } };
  const { operation } = found(documentWith({ operation: { responses }, components }));
  const rule = operation.response(200)?.body('application/json');
  if (rule?.kind !== 'check') throw new Error('the body is not checked');
  return inShort(rule.check(JSON.stringify(value)));
}

describe('an operation', () => {
  const document = {
    openapi: '3.1.0',
    info: { title: '', version: '' },
    paths: {
      '/users': { get: {}, post: {} },
      '/users/{id}': { delete: {}, additionalOperations: { COPY: {} } },
      '/alias': { $ref: '#/paths/~1users' },
      '/other': { $ref: 'more.yaml#/other' },
    },
  };
  const others = { '/test/more.yaml': { other: { put: {} } } };
  const find = (method: string, path: string, basePath = '/') => {
    const result = contractOf(document, others, basePath).find(method, path, []);
    if (result.kind === 'operation') return result.operation.pointer;
    return result.kind === 'unknown-method' ? `allow ${result.allow}` : result.kind;
  };

  it('is found by method and path', () => {
    assert.equal(find('GET', '/users'), '/paths/~1users/get');
    assert.equal(find('DELETE', '/users/1'), '/paths/~1users~1{id}/delete');
    assert.equal(find('COPY', '/users/1'), '/paths/~1users~1{id}/additionalOperations/COPY');
    assert.equal(find('POST', '/alias'), '/paths/~1users/post');
    assert.equal(find('PUT', '/other'), '/other/put');
    assert.equal(find('GET', '/nothing'), 'unknown-path');
  });

  it('that answers GET answers HEAD', () => assert.equal(find('HEAD', '/users'), '/paths/~1users/get'));

  it('is not there for other methods, and then those are named that are', () => {
    assert.equal(find('PATCH', '/users'), 'allow GET, POST, HEAD');
    assert.equal(find('HEAD', '/users/1'), 'allow DELETE, COPY');
  });

  it('is behind the base path', () => {
    assert.equal(find('GET', '/v1/users', '/v1'), '/paths/~1users/get');
    assert.equal(find('GET', '/v1/users', '/v1/'), '/paths/~1users/get');
    for (const path of ['/users', '/v1users', '/v1', '/v2/users'])
      assert.equal(find('GET', path, '/v1'), 'unknown-path', path);
  });

  it('has the parameters of its path, unless it replaces them', () => {
    const parameters = [
      { name: 'a', in: 'query', schema: { type: 'integer' } },
      { name: 'b', in: 'query', schema: { type: 'integer' } },
      { $ref: '#/components/parameters/H' },
    ];
    const { operation } = found(
      documentWith({
        pathItem: { parameters },
        operation: { parameters: [{ name: 'b', in: 'query', schema: { type: 'boolean' } }] },
        components: {
          parameters: { H: { name: 'X-H', in: 'header', required: true, schema: { type: 'integer' } } },
        },
      }),
    );
    const head = headOf({ query: 'a=x&b=true', headers: { 'x-h': 'x' } });
    assert.deepEqual(inShort(operation.checkHead(head, 'refuse')), ['a type', 'X-H type']);
    assert.deepEqual(inShort(operation.checkHead(headOf({}), 'refuse')), ['X-H required']);
  });

  it('takes no notice of fields that other parts of a description are for', () => {
    const parameters = ['Accept', 'Content-Type', 'authorization'].map((name) => ({
      name,
      in: 'header',
      required: true,
      schema: false,
    }));
    const { operation } = found(documentWith({ operation: { parameters } }));
    assert.deepEqual(operation.checkHead(headOf({}), 'refuse'), []);
  });
});

describe('the body of a request', () => {
  const content = {
    'application/json': { schema: { type: 'integer' } },
    'application/vnd.api+json': { schema: { type: 'string' } },
    'text/*': {},
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
  };
  const { operation } = found(
    documentWith({ method: 'post', operation: { requestBody: { required: true, content } } }),
    { method: 'POST' },
  );

  it('is held against the schema of its media type', () => {
    assert.deepEqual(inShort(bodyViolations(operation, '1')), []);
    assert.deepEqual(inShort(bodyViolations(operation, '"1"')), ['# type']);
    assert.deepEqual(
      inShort(bodyViolations(operation, '"1"', 'Application/vnd.api+JSON; charset="utf-8"')),
      [],
    );
    assert.deepEqual(inShort(bodyViolations(operation, '', 'application/json')), ['# syntax']);
  });

  it('may be of another type that is described, and is not looked into then', () => {
    for (const type of ['text/csv', 'application/octet-stream', undefined])
      assert.deepEqual(operation.body(type), { kind: 'any' });
  });

  it('is of no other type, and in no other charset', () => {
    const accept = 'application/json, application/vnd.api+json, text/*, application/octet-stream';
    for (const type of [
      'application/xml',
      'application/json; charset=utf-16',
      'nonsense',
      'application/json, text/plain',
    ])
      assert.deepEqual(operation.body(type), { kind: 'unsupported', accept }, type);
  });

  it('must be there where it is required', () => {
    assert.deepEqual(inShort(operation.missingBody()), ['# required']);
    const optional = found(documentWith({ method: 'post', operation: { requestBody: { content } } }), {
      method: 'POST',
    });
    assert.deepEqual(optional.operation.missingBody(), []);
    const none = found(documentWith({ method: 'post' }), { method: 'POST' });
    assert.deepEqual(none.operation.body('application/json'), { kind: 'undescribed' });
  });

  it('has its faults at their places', () => {
    const schema = {
      type: 'object',
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Item' } } },
    };
    const components = {
      schemas: { Item: { type: 'object', required: ['sku'], properties: { 'ä b': { type: 'integer' } } } },
    };
    const value = { items: [{ sku: 'a' }, {}, { sku: 1, 'ä b': 'x' }] };
    assert.deepEqual(requestFaults(schema, value, '3.1.0', components), [
      '#/items/1 required',
      '#/items/2/%C3%A4%20b type',
    ]);
  });

  it('has pointers of bounded length', () => {
    const [first = ''] = requestFaults(
      { additionalProperties: { type: 'integer' } },
      { ['x'.repeat(10_000)]: 'y' },
    );
    assert.equal(first, '# type');
  });

  it('may refer to itself', () => {
    const components = {
      schemas: {
        Tree: {
          type: 'object',
          properties: { left: { $ref: '#/components/schemas/Tree' } },
          additionalProperties: false,
        },
      },
    };
    const schema = { $ref: '#/components/schemas/Tree' };
    assert.deepEqual(requestFaults(schema, { left: { left: { right: 1 } } }, '3.1.0', components), [
      '#/left/left/right additionalProperties',
    ]);
  });
});

/** What is wrong with a body by a schema of 3.0. */
function faultsOf30(schema: object, value: unknown, components = {}): string[] {
  return requestFaults(schema, value, '3.0.3', components);
}

describe('a schema of OpenAPI 3.0', () => {
  it('may be nullable, if it has a type', () => {
    assert.deepEqual(faultsOf30({ type: 'string', nullable: true }, null), []);
    assert.deepEqual(faultsOf30({ type: 'string', nullable: false }, null), ['# type']);
    assert.deepEqual(faultsOf30({ type: 'string', nullable: true, enum: ['a'] }, null), ['# enum']);
    assert.deepEqual(faultsOf30({ nullable: true, allOf: [{ type: 'string' }] }, null), ['# type']);
  });

  it('has bounds that exclude themselves', () => {
    assert.deepEqual(faultsOf30({ minimum: 1, exclusiveMinimum: true }, 1), ['# exclusiveMinimum']);
    assert.deepEqual(faultsOf30({ minimum: 1, exclusiveMinimum: false }, 1), []);
    assert.deepEqual(faultsOf30({ maximum: 1, exclusiveMaximum: true }, 1), ['# exclusiveMaximum']);
    assert.deepEqual(faultsOf30({ maximum: 1, exclusiveMaximum: true }, 0), []);
  });

  it('is nothing but a reference where it is one', () => {
    const components = { schemas: { A: { type: 'string' } } };
    assert.deepEqual(faultsOf30({ $ref: '#/components/schemas/A', maxLength: 1 }, 'abc', components), []);
    assert.deepEqual(
      requestFaults({ $ref: '#/components/schemas/A', maxLength: 1 }, 'abc', '3.1.0', components),
      ['# maxLength'],
    );
  });

  it('may have an example that looks like a schema', () => {
    const schema = {
      type: 'object',
      example: { $ref: '#/nowhere' },
      properties: { example: { type: 'integer' } },
    };
    assert.deepEqual(faultsOf30(schema, { example: 'x' }), ['#/example type']);
  });
});

describe('a schema of OpenAPI 3.1', () => {
  it('is one of JSON Schema 2020-12', () => {
    assert.deepEqual(requestFaults({ type: ['string', 'null'], exclusiveMinimum: 3 }, null), []);
    assert.deepEqual(requestFaults({ prefixItems: [{ type: 'string' }], items: false }, ['a', 1]), [
      '# items',
    ]);
    assert.deepEqual(requestFaults({ if: { const: 1 }, else: { const: 2 } }, 3), ['# const']);
    assert.deepEqual(requestFaults({ properties: { a: {} }, unevaluatedProperties: false }, { b: 1 }), [
      '#/b unevaluatedProperties',
    ]);
  });

  it('may have names and anchors', () => {
    const components = {
      schemas: { A: { $id: 'https://example.com/a', $defs: { b: { $anchor: 'here', type: 'integer' } } } },
    };
    assert.deepEqual(requestFaults({ $ref: 'https://example.com/a#here' }, 'x', '3.1.0', components), [
      '# type',
    ]);
  });

  it('takes no notice of `nullable`', () =>
    assert.deepEqual(requestFaults({ type: 'string', nullable: true }, null), ['# type']));
});

describe('a property for one direction', () => {
  const components = {
    schemas: {
      Id: { type: 'integer', readOnly: true },
      Base: {
        type: 'object',
        required: ['id', 'secret', 'name'],
        properties: { id: { $ref: '#/components/schemas/Id' }, secret: { type: 'string', writeOnly: true } },
      },
      User: {
        allOf: [{ $ref: '#/components/schemas/Base' }],
        required: ['id'],
        properties: { name: { type: 'string' } },
      },
    },
  };
  const user = { $ref: '#/components/schemas/User' };

  it('is refused in the other', () => {
    assert.deepEqual(requestFaults(user, { id: 1, secret: 's', name: 'n' }, '3.1.0', components), [
      '#/id readOnly',
    ]);
    assert.deepEqual(responseFaults(user, { id: 1, secret: 's', name: 'n' }, components), [
      '#/secret writeOnly',
    ]);
  });

  it('is required in its own only', () => {
    assert.deepEqual(requestFaults(user, { name: 'n' }, '3.1.0', components), ['# required']);
    assert.deepEqual(requestFaults(user, { secret: 's', name: 'n' }, '3.1.0', components), []);
    assert.deepEqual(responseFaults(user, { id: 1, name: 'n' }, components), []);
    assert.deepEqual(responseFaults(user, { name: 'n' }, components), ['# required', '# required']);
  });
});

describe('a discriminator', () => {
  const components = {
    schemas: {
      Pet: {
        oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
        discriminator: { propertyName: 'kind', mapping: { hound: 'Dog', puppy: '#/components/schemas/Dog' } },
      },
      Cat: { type: 'object', required: ['lives'] },
      Dog: { type: 'object', properties: { barks: { type: 'boolean' } } },
    },
  };
  const faults = (value: unknown, more: object = {}) => {
    const schemas = { ...components.schemas, Pet: { ...components.schemas.Pet, ...more } };
    return requestFaults({ $ref: '#/components/schemas/Pet' }, value, '3.1.0', { schemas });
  };

  it('chooses the alternative that is meant, so that the others say nothing', () => {
    assert.deepEqual(faults({ kind: 'Cat' }), ['# required']);
    assert.deepEqual(faults({ kind: 'Cat', lives: 9 }), []);
    for (const kind of ['Dog', 'hound', 'puppy'])
      assert.deepEqual(faults({ kind, barks: 1 }), ['#/barks type']);
  });

  it('must be there, and be known', () => {
    assert.deepEqual(faults({ lives: 9 }), ['# required']);
    assert.deepEqual(faults({ kind: 'Cow' }), ['#/kind enum']);
    assert.deepEqual(faults('Cat'), ['# type']);
  });

  it('may have a choice for all that is not known', () => {
    const discriminator = { propertyName: 'kind', defaultMapping: 'Cat' };
    assert.deepEqual(faults({ kind: 'Cow' }, { discriminator }), ['# required']);
    assert.deepEqual(faults({}, { discriminator }), ['# required']);
    assert.deepEqual(faults({ kind: 'Dog', barks: 1 }, { discriminator }), ['#/barks type']);
  });

  it('chooses nothing among alternatives that have no names', () => {
    const oneOf = [
      { type: 'object', required: ['a'] },
      { type: 'object', required: ['b'] },
    ];
    assert.deepEqual(faults({ a: 1 }, { oneOf }), []);
    assert.deepEqual(faults({ a: 1, b: 1 }, { oneOf }), ['# oneOf']);
  });
});

describe('a document', () => {
  it('may refer to others', () => {
    const schema = { $ref: './parts/common.yaml#/Item' };
    const document = documentWith({
      version: '3.0.3',
      method: 'post',
      operation: { requestBody: json(schema) },
    });
    const others = {
      '/test/parts/common.yaml': {
        Item: { type: 'object', properties: { size: { $ref: '../sizes.yaml' }, next: { $ref: '#/Item' } } },
      },
      '/test/sizes.yaml': { type: 'string', nullable: true, enum: ['s', 'l', null] },
    };
    const result = contractOf(document, others).find('POST', '/things', []);
    if (result.kind !== 'operation') throw new Error(result.kind);
    const faults = (value: unknown) => inShort(bodyViolations(result.operation, JSON.stringify(value)));
    assert.deepEqual(faults({ size: null, next: { size: 'l' } }), []);
    assert.deepEqual(faults({ next: { size: 'x' } }), ['#/next/size enum']);
  });
});

describe('a response', () => {
  const responses = {
    200: {
      description: '',
      headers: { 'X-Count': { required: true, schema: { type: 'integer' } } },
      ...json({ type: 'integer' }),
    },
    204: { description: '' },
    '4xx': { $ref: '#/components/responses/Wrong' },
  };
  const components = {
    responses: {
      Wrong: { description: '', content: { 'application/problem+json': { schema: { type: 'object' } } } },
    },
  };
  const { operation } = found(documentWith({ operation: { responses }, components }));

  it('is found by its status, or the class of it', () => {
    assert.notEqual(operation.response(200), null);
    assert.equal(operation.response(201), null);
    assert.equal(operation.response(404)?.body('application/problem+json').kind, 'check');
    const fallback = found(documentWith({ operation: { responses: { default: { description: '' } } } }));
    assert.notEqual(fallback.operation.response(500), null);
  });

  it('has the headers that it must have', () => {
    const response = operation.response(200);
    for (const [headers, expected] of [
      [{ 'x-count': '3' }, []],
      [{ 'x-count': 'x' }, ['X-Count type']],
      [{}, ['X-Count required']],
    ] as const)
      assert.deepEqual(response && inShort(response.checkHead(headOf({ headers }))), expected);
  });

  it('has a body only where one is described', () => {
    assert.deepEqual(operation.response(204)?.body('application/json'), { kind: 'undescribed' });
    assert.equal(operation.response(200)?.body('text/html').kind, 'unsupported');
  });
});
