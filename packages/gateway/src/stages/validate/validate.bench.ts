// What the stage costs a request that it lets through. Run: node packages/gateway/src/stages/validate/validate.bench.ts
import { Contracts } from '@turnpike/config/validation';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { documentOf, policyOf, replyOf, requestOf } from './validate-testing.ts';
import { validate } from './validate.ts';

const ROUNDS = 7;
const TIMES = 20_000;

const LINE = {
  type: 'object',
  required: ['sku', 'quantity', 'price'],
  properties: {
    sku: { type: 'string', pattern: '^[A-Z]{3}-[0-9]{1,6}$' },
    quantity: { type: 'integer', minimum: 1 },
    price: { type: 'number', multipleOf: 0.01 },
    note: { type: 'string', maxLength: 200 },
  },
  additionalProperties: false,
};
const ORDER = {
  type: 'object',
  required: ['id', 'customer', 'lines'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    createdAt: { type: 'string', format: 'date-time' },
    customer: {
      type: 'object',
      required: ['name', 'email'],
      properties: { name: { type: 'string' }, email: { type: 'string', format: 'email' } },
      additionalProperties: false,
    },
    status: { enum: ['open', 'paid', 'shipped'] },
    lines: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Line' } },
  },
  additionalProperties: false,
};

/** About 1 KiB. */
const BODY = JSON.stringify({
  id: '123e4567-e89b-12d3-a456-426614174000',
  createdAt: '2026-11-23T10:00:00Z',
  customer: { name: 'Alice Example', email: 'alice@example.com' },
  status: 'open',
  lines: Array.from({ length: 8 }, (_, i) => ({
    sku: `ABC-${1000 + i}`,
    quantity: i + 1,
    price: 19.99,
    note: 'leave it at the door, please, if nobody is at home',
  })),
});

const parameters = [
  { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1 } },
  {
    name: 'fields',
    in: 'query',
    explode: false,
    schema: { type: 'array', items: { enum: ['a', 'b', 'c'] } },
  },
  { name: 'X-Tenant', in: 'header', required: true, schema: { type: 'string', maxLength: 40 } },
];
const DOCUMENT = {
  ...documentOf({
    get: { parameters, responses: { 200: { description: '' } } },
    put: {
      requestBody: { content: { 'application/json': { schema: ORDER } } },
      responses: { 200: { description: '' } },
    },
  }),
  components: { schemas: { Line: LINE } },
};

const ignore = (): void => {};
const contracts = new Contracts();
const documents = { '/test/api.yaml': JSON.stringify(DOCUMENT) };
const ports = {
  decisions: () => ({ allowed: ignore, denied: ignore, reported: ignore, failed: ignore }),
  log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  compileContract: (plan: Pick<Parameters<Contracts['contract']>[0], 'source' | 'names'>) =>
    contracts.contract({ ...plan, documents }),
};

const reply = replyOf({ status: 200 });
const next: Handler = () => Promise.resolve(reply);

async function measure(name: string, call: () => Exchange, handler: Handler): Promise<void> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const exchanges = Array.from({ length: TIMES }, call);
    const start = performance.now();
    for (const exchange of exchanges) {
      const { status } = await handler(exchange);
      if (status !== 200) throw new Error(`${name} was refused`);
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / TIMES);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${name}\n`);
}

const handler = validate(
  policyOf({ unknownParameters: 'refuse', bodyBytes: 10_000 }),
  { route: 'r', names: [] },
  ports,
)?.(next);
if (handler === undefined) throw new Error('there is no stage');
const headers = headersOf(
  ['Host', 'api.example.com'],
  ['X-Tenant', 'blue'],
  ['Content-Type', 'application/json'],
);

await measure('two parameters that are missing, two that are there', () => requestOf({ headers }), handler);
await measure('four parameters', () => requestOf({ headers, query: '?page=2&fields=a,b' }), handler);
await measure(
  `a JSON body of ${BODY.length} bytes`,
  () => requestOf({ method: 'PUT', headers, body: BODY }),
  handler,
);
const { parse } = JSON;
await measure(
  'of that, JSON.parse alone',
  () => requestOf({ method: 'PUT', headers, body: BODY }),
  ({ body }) => {
    parse(String(body));
    return next(requestOf());
  },
);
