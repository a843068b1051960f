// Every operation, in every way in which the document says that it can end: status, header fields, content type and body.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { operations } from '../../src/api/operations.ts';
import type { Kit } from '../../src/api/kit.ts';
import { type Operation, problemsOf } from '../../src/api/operation.ts';
import { type ProblemCode, PROBLEMS } from '../../src/api/problems.ts';
import type { Answered, Asking } from './api-for-tests.ts';
import { calm, openWorld, type Request, SCENARIOS, SECRETS, type World } from './scenarios.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly schemas: object;
  };
}

interface OperationObject {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, ResponseObject & { readonly $ref?: string }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema: { $ref?: string } }>>;
  readonly 'x-codes'?: readonly string[];
}

/** Handlers are not called: this is for what the list says of itself. */
const all = operations({ ports: {} } as Kit);

let world: World;
let document: Document;
let ajv: Ajv2020;

before(async () => {
  world = await openWorld();
  document = (await world.ask('GET', '/openapi.json', { as: '' })).json as Document;
  ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'document', components: document.components });
});

after(() => world[Symbol.asyncDispose]());

function specOf({ path, method }: Operation): OperationObject {
  const found = document.paths[path]?.[method.toLowerCase()];
  assert.ok(found, `${method} ${path} is in the document`);
  return found;
}

/** Holds an answer against the document. */
function conforms(operation: Operation, { status, headers, text, json }: Answered): void {
  const spec = specOf(operation);
  const told = spec.responses[String(status)];
  assert.ok(told, `${operation.id} may answer ${status}: ${text}`);
  const response =
    told.$ref === undefined ? told : (document.components.responses[told.$ref.split('/').at(-1) ?? ''] ?? {});
  for (const name of Object.keys(response.headers ?? {})) {
    const isNeeded = response.headers?.[name]?.required !== false && name !== 'ETag';
    if (isNeeded) assert.ok(headers.has(name), `${operation.id} ${status} has ${name}`);
  }
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  if (response.content === undefined) {
    assert.equal(text, '', `${operation.id} ${status} has no body`);
    return;
  }
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const media = response.content[type];
  assert.ok(media, `${operation.id} ${status} may be ${type}`);
  const schema = JSON.parse(
    JSON.stringify(media.schema).replaceAll('#/components', 'document#/components'),
  ) as object;
  const check = ajv.compile(schema);
  assert.ok(
    check(json),
    `${operation.id} ${status}: ${JSON.stringify(check.errors?.slice(0, 3))} in ${text.slice(0, 2_000)}`,
  );
  if (status >= 400) {
    const { code } = json as { code: ProblemCode };
    assert.ok(response['x-codes']?.includes(code), `${operation.id} may say ${code}`);
    assert.equal(PROBLEMS[code][0], status);
  }
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${operation.id} tells a secret`);
}

/** The scenario by which an operation succeeds. */
function successOf({ id, answers }: Operation) {
  const status = Object.keys(answers).find((one) => SCENARIOS[id]?.[one] !== undefined) ?? '';
  const scenario = SCENARIOS[id]?.[status];
  assert.ok(scenario, `${id} has a scenario`);
  return scenario;
}

/** Problems with a test of their own below. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'STORE_UNAVAILABLE',
  'INTERNAL',
  'NO_DATABASE',
  'TOO_MANY_WRITES',
]);

/** What goes wrong in the same way for all operations. */
const EVERYWHERE: Partial<Record<ProblemCode, (request: Request, operation: Operation) => Request>> = {
  BAD_REQUEST: (request) => ({
    ...request,
    path: request.path.replace(/\/v1\/[^?]*/, (path) => badlyEncoded(path)),
  }),
  UNAUTHORIZED: (request) => ({ ...request, as: '' }),
  FORBIDDEN_ROLE: (request) => ({ ...request, as: 'none' }),
  CSRF: (request) => ({ ...request, headers: { 'x-test-session': '1' } }),
  BODY_MALFORMED: (request) => ({ ...request, body: '{' }),
  UNSUPPORTED_TYPE: (request) => ({ ...request, body: '<a/>', headers: { 'content-type': 'text/xml' } }),
  BODY_TOO_LARGE: (request, { maxBodyBytes = 1024 * 1024 }) => ({
    ...request,
    body: ' '.repeat(maxBodyBytes + 1),
  }),
  INVALID: (request, { query, parameters, body }) => {
    if (query !== undefined)
      return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}nonsense=1` };
    if (parameters === undefined || body !== undefined) return { ...request, body: [] };
    return { ...request, path: request.path.replace(/\/v1\/(\w+)\/[^/]+/, '/v1/$1/-') };
  },
};

function badlyEncoded(path: string): string {
  const [, version = '', section = '', , ...rest] = path.split('/');
  return ['', version, section, '%E0%A4%A', ...rest].join('/');
}

async function ask({ path, ...asking }: Request, { method }: Operation): Promise<Answered> {
  const answered = await world.ask(method, path, asking satisfies Asking);
  await calm(world);
  return answered;
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1', async () => {
    const judged = await new Validator().validate(structuredClone(document) as never);
    assert.deepEqual(judged.errors, undefined);
    assert.equal(judged.valid, true);
  });

  it('has every operation once, with an id of its own, and those of the gateway', () => {
    const specs = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = specs.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, all.length + world.ports.gateway.operations.length);
    assert.ok(ids.includes('getServicesServiceOpenapi'));
  });

  it('describes the documents of the configuration', () => {
    const put = document.paths['/v1/routes/{name}']?.['put'];
    assert.equal(
      JSON.stringify(put?.requestBody?.content['application/json']?.schema),
      '{"$ref":"#/components/schemas/RouteDocument"}',
    );
  });
});

describe('operations end as the document says', () => {
  it('and there is a scenario for each way that is not the same for all', () => {
    const lacking = all.flatMap((operation) => {
      const known = SCENARIOS[operation.id] ?? {};
      const ways = [...Object.keys(operation.answers), ...operation.problems].filter(
        (way) => !(way in EVERYWHERE),
      );
      return ways.filter((way) => known[way] === undefined).map((way) => `${operation.id} ${way}`);
    });
    assert.deepEqual(lacking, []);
    const unknown = Object.keys(SCENARIOS).filter((id) => !all.some((one) => one.id === id));
    assert.deepEqual(unknown, []);
  });

  for (const operation of all) {
    describe(operation.id, () => {
      for (const [way, scenario] of Object.entries(SCENARIOS[operation.id] ?? {})) {
        it(way, async () => {
          const answered = await ask(await scenario(world), operation);
          assert.equal(endOf(answered), way, answered.text);
          conforms(operation, answered);
        });
      }

      for (const code of problemsOf(operation).filter((one) => !(one in (SCENARIOS[operation.id] ?? {})))) {
        if (ELSEWHERE.has(code)) continue;
        it(code, async () => {
          const spoil = EVERYWHERE[code];
          assert.ok(spoil, 'there is a way to come to it');
          const answered = await ask(spoil(await successOf(operation)(world), operation), operation);
          assert.equal(endOf(answered), code, answered.text);
          conforms(operation, answered);
        });
      }

      for (const [state, code] of [
        ['away', 'STORE_UNAVAILABLE'],
        ['broken', 'INTERNAL'],
        ['absent', 'NO_DATABASE'],
      ] as const) {
        it(`${code}, or works without the database`, async () => {
          const request = await successOf(operation)(world);
          world.database(state);
          const answered = await ask(request, operation);
          assert.ok(answered.status < 400 || endOf(answered) === code, answered.text);
          assert.ok(!answered.text.includes('a-secret-of-a-fault'));
          conforms(operation, answered);
        });
      }
    });
  }
});

/** The status of a success, the code of a problem. */
function endOf({ status, json }: Answered): string {
  return status < 400 ? String(status) : String((json as { code?: string } | null)?.code);
}

describe('too many changes', () => {
  it('are refused for each operation that makes some', async () => {
    await using limited = await openWorld({ ports: { writes: { perSecond: 1e-3, burst: 0 } } });
    for (const operation of all.filter((one) => problemsOf(one).includes('TOO_MANY_WRITES'))) {
      const path = operation.path.replaceAll(/\{\w+\}/g, '1');
      const answered = await limited.ask(operation.method, path, { body: {} });
      assert.equal(endOf(answered), 'TOO_MANY_WRITES', operation.id);
      conforms(operation, answered);
    }
  });
});
