import type { Expectation, UpstreamExpectation } from '@turnpike/config/cases';
import type { UpstreamRequest } from '@turnpike/gateway/offline';
import {
  bodyDifferences,
  type Difference,
  fieldDifferences,
  matching,
  missing,
  plain,
} from './differences.ts';

/** How what services got differs from what they must have got. Of one that is named alone, one of the requests must be like it. */
export function upstreamDifferences(
  expected: Expectation['upstream'],
  requests: readonly UpstreamRequest[],
): Difference[] {
  if (expected === null) return [];
  if (expected === 'none') return requests.length === 0 ? [] : [counted('nothing', requests)];
  if (isList(expected)) return allDifferences(expected, requests);
  const found = requests.map((request) => differencesIn(expected, request));
  return found.toSorted((a, b) => a.length - b.length)[0] ?? [counted('a request', requests)];
}

function isList(
  expected: UpstreamExpectation | readonly UpstreamExpectation[],
): expected is readonly UpstreamExpectation[] {
  return Array.isArray(expected);
}

function allDifferences(
  expected: readonly UpstreamExpectation[],
  requests: readonly UpstreamRequest[],
): Difference[] {
  if (expected.length !== requests.length) return [counted(`${expected.length} requests`, requests)];
  return expected.flatMap((one, index) => {
    const request = requests[index];
    return request === undefined ? [] : differencesIn(one, request, [index]);
  });
}

function counted(expected: string, requests: readonly UpstreamRequest[]): Difference {
  const each = requests.map(({ service, method, target }) => `${method} ${target} to ${service}`);
  return { path: ['upstream'], expected, got: each.length === 0 ? 'nothing' : each.join(', ') };
}

function differencesIn(
  expected: UpstreamExpectation,
  request: UpstreamRequest,
  place: readonly number[] = [],
): Difference[] {
  const [path = '', query = ''] = divided(request.target);
  const parameters = [...new URLSearchParams(query)];
  const at = ['upstream', ...place];
  return [
    ...plain('service', expected.service, request.service),
    ...plain('endpoint', expected.endpoint, request.endpoint),
    ...plain('method', expected.method, request.method),
    ...matching(['path'], expected.path, path),
    ...matching(['host'], expected.host, request.authority),
    ...parameterDifferences(expected, parameters),
    ...fieldDifferences(['headers'], expected.headers, request.headers),
    ...missing(['withoutHeaders'], expected.withoutHeaders, request.headers),
    ...bodyDifferences(expected, request.body),
  ].map((difference) => ({ ...difference, path: [...at, ...difference.path] }));
}

/** Names of parameters are compared as they are, unlike those of fields. */
function parameterDifferences(
  { query, withoutQuery }: UpstreamExpectation,
  parameters: readonly (readonly [string, string])[],
): Difference[] {
  const names = new Set(parameters.map(([name]) => name));
  const present = [...query].filter(([name]) => names.has(name));
  const absent = [...query].filter(([name]) => !names.has(name));
  return [
    ...fieldDifferences(['query'], new Map(present), parameters),
    ...absent.map(([name, expected]) => ({
      path: ['query', name],
      expected: String(expected),
      got: 'nothing',
    })),
    ...missing(
      ['withoutQuery'],
      withoutQuery,
      parameters.filter(([name]) => withoutQuery.includes(name)),
    ),
  ];
}

function divided(target: string): readonly string[] {
  const at = target.indexOf('?');
  return at === -1 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}
