import type { GatewayConfig, Issue } from '@turnpike/config';
import type { Expectation, ReadCases, TestCase, TestFile, TestStep } from '@turnpike/config/cases';
import { nearest, type Path } from '@turnpike/config/load';
import { ERRORS } from '../gateway.ts';

/** The names that there are, by kind. */
interface Names {
  readonly route: readonly string[];
  readonly service: readonly string[];
  readonly provider: readonly string[];
  readonly consumer: readonly string[];
  readonly listener: readonly string[];
  readonly code: readonly string[];
  readonly list: readonly string[];
  readonly authorizer: readonly string[];
}

/** A name in a file of tests. */
interface Used {
  readonly kind: keyof Names;
  readonly name: string;
  readonly path: Path;
}

const IN_WORDS: Readonly<Record<keyof Names, string>> = {
  route: 'route',
  service: 'service',
  provider: 'identity provider',
  consumer: 'consumer',
  listener: 'listener',
  code: 'code of a problem',
  list: 'list with a URL or a file',
  authorizer: 'service that authorizes at',
};

/** Names in a file of tests that its configuration does not have: a test that waits for them would fail, or pass, for nothing. */
export function nameIssues(read: ReadCases, tests: TestFile, config: GatewayConfig): Issue[] {
  const known = namesOf(config);
  return usedIn(tests).flatMap(({ kind, name, path }) => {
    if (known[kind].includes(name)) return [];
    const suggestion = nearest(name, known[kind]);
    const some = known[kind].slice(0, 10).join(', ');
    const others = some === '' ? 'there are none' : `there are: ${some}`;
    const hint = suggestion === undefined ? others : `did you mean ${suggestion}?`;
    const message = `there is no ${IN_WORDS[kind]} ${JSON.stringify(name)}; ${hint}`;
    return [read.issueAt({ code: 'UNKNOWN_NAME', message, path, suggestion })];
  });
}

function namesOf(config: GatewayConfig): Names {
  const ids = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id);
  return {
    route: ['none', ...ids(config.routes)],
    service: ids(config.services),
    provider: ids(config.identityProviders),
    consumer: ids(config.consumers),
    listener: ids(config.listeners),
    code: ['none', ...Object.keys(ERRORS)],
    list: ids(config.lists.filter(({ kind }) => kind !== 'addresses')),
    authorizer: config.routes.flatMap(({ policies }) => policies.authorize?.external?.url ?? []),
  };
}

function usedIn(tests: TestFile): Used[] {
  return [
    ...keysOf('list', tests.lists, ['lists']),
    ...answersIn(tests, []),
    ...named('listener', tests.request.listener, ['request', 'listener']),
    ...Array.from(tests.cases).flatMap(([name, testCase]) => usedInCase(testCase, ['cases', name])),
  ];
}

function usedInCase(testCase: TestCase, path: Path): Used[] {
  return [
    ...usedInStep(testCase, path),
    ...testCase.steps.flatMap((step, index) => usedInStep(step, [...path, 'steps', index])),
  ];
}

function usedInStep(step: TestStep, path: Path): Used[] {
  const { request, token, as, expect } = step;
  return [
    ...answersIn(step, path),
    ...(typeof request === 'object' && request !== null
      ? named('listener', request.listener, [...path, 'request', 'listener'])
      : []),
    ...(typeof token === 'object' && token !== null
      ? named('provider', token.provider, [...path, 'token', 'provider'])
      : named('provider', token, [...path, 'token'])),
    ...(typeof as === 'object' && as !== null
      ? named('consumer', as.consumer, [...path, 'as', 'consumer'])
      : named('consumer', as, [...path, 'as'])),
    ...(expect === null ? [] : usedInExpectation(expect, [...path, 'expect'])),
  ];
}

function usedInExpectation({ route, code, upstream }: Expectation, path: Path): Used[] {
  const all = upstream === null || upstream === 'none' ? [] : [upstream].flat();
  return [
    ...named('route', route, [...path, 'route']),
    ...named('code', code, [...path, 'code']),
    ...all.flatMap(({ service }, index) => {
      const place = Array.isArray(upstream) ? [index] : [];
      return named('service', service, [...path, 'upstream', ...place, 'service']);
    }),
  ];
}

function answersIn(
  { services, authorizers }: Pick<TestStep, 'services' | 'authorizers'>,
  path: Path,
): Used[] {
  return [
    ...keysOf('service', services, [...path, 'services']),
    ...keysOf('authorizer', authorizers, [...path, 'authorizers']),
  ];
}

function keysOf(kind: keyof Names, map: ReadonlyMap<string, unknown>, path: Path): Used[] {
  return Array.from(map.keys(), (name) => ({ kind, name, path: [...path, name] }));
}

function named(kind: keyof Names, name: string | null, path: Path): Used[] {
  return name === null ? [] : [{ kind, name, path }];
}
