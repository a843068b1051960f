import { Contracts } from '@turnpike/config/validation';
import type { ValidateConfig } from '@turnpike/config';
import { countedDecisions } from '../../core/decisions-testing.ts';
import type { Exchange, ExchangeFields, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { validate } from './validate.ts';

const PATH = '/test/api.yaml';

/** For tests: a policy by a document, with whatever matters set. */
export function policyOf(fields: Partial<ValidateConfig> = {}): ValidateConfig {
  return {
    mode: 'on',
    source: { kind: 'openapi', path: PATH, basePath: '/' },
    responses: 'off',
    unknownParameters: 'allow',
    bodyBytes: 1024,
    ...fields,
  };
}

/** For tests: a document with one path, `/things/{id}`, and these operations. */
export function documentOf(operations: object): object {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer' } };
  return {
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    paths: { '/things/{id}': { parameters: [id], ...operations } },
  };
}

/** For tests: a request with a body of JSON, or without one. */
export function requestOf(fields: Partial<ExchangeFields> = {}): Exchange {
  const headers = headersOf(['Content-Type', 'application/json']);
  return exchangeFrom({ path: '/things/1', query: '', headers, ...fields });
}

/** For tests: a reply of the service. */
export function replyOf(fields: Partial<Reply> = {}): Reply {
  const headers = headersOf(['Content-Type', 'application/json']);
  return { status: 200, headers, body: null, code: '', tunnel: null, ...fields };
}

const ignore = (): void => {};

/** For tests: the stage in front of a service. */
export interface ValidateBench {
  /** What the service got. */
  readonly served: Exchange[];
  /** What was logged, in short. */
  readonly warnings: object[];
  run(exchange: Exchange): Promise<Reply>;
  /** What was counted since the last call. */
  counted(): string[];
}

export function validateBench(
  document: object,
  fields: Partial<ValidateConfig> = {},
  answer = replyOf,
): ValidateBench {
  const served: Exchange[] = [];
  const warnings: object[] = [];
  const { decisions, take } = countedDecisions();
  const contracts = new Contracts();
  const stage = validate(
    policyOf(fields),
    { route: 'things', names: ['id'] },
    {
      decisions,
      log: {
        debug: ignore,
        info: ignore,
        error: ignore,
        warn: (_message, about = {}) => warnings.push(about),
      },
      compileContract: (plan) =>
        contracts.contract({ ...plan, documents: { [PATH]: JSON.stringify(document) } }),
    },
  );
  const handler = stage?.((exchange) => {
    served.push(exchange);
    return Promise.resolve(answer());
  });
  if (handler === undefined) throw new Error('there is no stage');
  return { served, warnings, run: handler, counted: take };
}

/** For tests: what a refusal says. */
export function problemOf({ body }: Reply): Readonly<Record<string, unknown>> {
  return typeof body === 'string' ? (JSON.parse(body) as Record<string, unknown>) : {};
}
