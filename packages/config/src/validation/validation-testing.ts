import { Contracts } from './validation.ts';
import type { Head } from './parameters/head.ts';
import type { Operation } from './contract.ts';
import type { Violation } from './violation.ts';

/** For tests: an OpenAPI document with one operation at `/things/{id}` or elsewhere. */
export function documentWith(parts: {
  readonly version?: string;
  readonly path?: string;
  readonly method?: string;
  readonly operation?: object;
  readonly pathItem?: object;
  readonly components?: object;
}): object {
  const {
    version = '3.1.0',
    path = '/things',
    method = 'get',
    operation = {},
    pathItem = {},
    components,
  } = parts;
  return {
    openapi: version,
    info: { title: 'Things', version: '1' },
    paths: {
      [path]: { ...pathItem, [method]: { responses: { default: { description: 'any' } }, ...operation } },
    },
    ...(components !== undefined && { components }),
  };
}

const PATH = '/test/api.yaml';

/** For tests: the contract of a document; `others` are further documents, by path. */
export function contractOf(document: object, others: Readonly<Record<string, object>> = {}, basePath = '/') {
  const all = Object.entries({ [PATH]: document, ...others });
  const documents = Object.fromEntries(all.map(([path, content]) => [path, JSON.stringify(content)]));
  return new Contracts().contract({
    source: { kind: 'openapi', path: PATH, basePath },
    names: [],
    documents,
  });
}

/** For tests: what a request finds. Throws if it finds nothing. */
export function found(document: object, request: { method?: string; path?: string } = {}) {
  const { method = 'GET', path = '/things' } = request;
  const result = contractOf(document).find(method, path, []);
  if (result.kind !== 'operation') throw new Error(`${method} ${path}: ${result.kind}`);
  return result;
}

/** For tests: a head that says this and nothing else. */
export function headOf(fields: {
  readonly params?: readonly string[];
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, readonly string[]>>;
}): Head {
  const { params = [], query = '', headers = {}, cookies = {} } = fields;
  return {
    params,
    query: query === '' ? '' : `?${query}`,
    header: (name) => headers[name],
    cookies: (name) => cookies[name] ?? [],
  };
}

/** For tests: what is wrong with a body of this type. */
export function bodyViolations(
  operation: Operation,
  body: string,
  type = 'application/json',
): readonly Violation[] {
  const rule = operation.body(type);
  if (rule.kind !== 'check') throw new Error(`the body is ${rule.kind}`);
  return rule.check(Buffer.from(body).toString('latin1'));
}

/** For tests: violations in short, `pointer keyword` or `parameter pointer keyword`. */
export function inShort(violations: readonly Violation[]): string[] {
  return violations.map(({ parameter, pointer, keyword }) =>
    [parameter, pointer, keyword].filter((part) => part !== undefined).join(' '),
  );
}
