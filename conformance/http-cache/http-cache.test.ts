// The public tests of HTTP caches, against the gateway over sockets. README.md says where they are from, and why some come out otherwise.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { startPlane } from '@turnpike/testkit';

interface SuiteTest {
  readonly id: string;
  readonly kind?: 'required' | 'optimal' | 'check';
  readonly depends_on?: readonly string[];
  readonly browser_only?: boolean;
}

interface Group {
  readonly tests: readonly SuiteTest[];
}

type Handle = (segments: string[], request: IncomingMessage, response: ServerResponse) => void;

/** The files of the suite that are used; it has no types. */
async function suite<T>(file: string): Promise<T> {
  return (await import(`http-cache-tests/${file}`)) as T;
}

/** Required ones that come out otherwise, and what stands or falls with them. */
const EXPECTED_FAILURES: readonly string[] = [
  // The suite at this version wants the opposite of RFC 9111 §5.1: what makes no sense is to make the response stale.
  'age-parse-dup-0',
  'age-parse-dup-0-twoline',
  'age-parse-dup-old',
  'age-parse-float',
  'age-parse-negative',
  'age-parse-nonnumeric',
  'age-parse-numeric-parameter',
  'age-parse-parameter',
  'age-parse-prefix-twoline',
  // We answer with 502, as demanded; the suite looks for a field of its own on it.
  'stale-close-must-revalidate',
  'stale-close-no-cache',
  'stale-close-proxy-revalidate',
  'stale-close-s-maxage=2',
  // A cookie of a 304 is for the one who asked.
  '304-etag-update-response-Set-Cookie',
  // Two `ETag` fields that differ, and then a status of 999.
  '304-etag-update-response-ETag',
  // A coding of that name does not exist, and is refused as a fault of the service.
  'headers-store-Transfer-Encoding',
];

/** What caches need not do, and we do not: the least that are to be passed of those. */
const OPTIMAL = 75;

/** The origin of the suite, which does what each test tells it. */
async function origin(t: TestContext): Promise<string> {
  const handlers: Record<string, Handle> = {
    config: (await suite<{ default: Handle }>('server/handle-config.mjs')).default,
    test: (await suite<{ default: Handle }>('server/handle-test.mjs')).default,
    state: (await suite<{ default: Handle }>('server/handle-state.mjs')).default,
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://origin');
    const [kind = '', ...segments] = pathname.slice(1).split('/');
    handlers[kind]?.(segments, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('the public tests of HTTP caches come out as they should, but for those that are known', async (t) => {
  const cache = { setCookie: 'keep', headErrors: 'explicit' };
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { origin: { endpoints: [await origin(t)] } },
    routes: { all: { match: { path: '/*' }, service: 'origin', policies: { cache, retry: 'off' } } },
  });
  t.after(() => plane.close());
  const { default: groups } = await suite<{ default: readonly Group[] }>('tests/index.mjs');
  const tests = groups.flatMap((group) => group.tests).filter((test) => test.browser_only !== true);
  const required = tests.filter(({ kind = 'required' }) => kind === 'required');
  const optimal = tests.filter(({ kind }) => kind === 'optimal');
  let results = await run(groups, plane.port, 0);
  const passes = ({ id, depends_on: needs = [] }: SuiteTest): boolean =>
    [id, ...needs].every((each) => results[each] === true);
  const failed = (): string[] => required.filter((test) => !passes(test)).map(({ id }) => id);
  for (let again = 1; again <= MOST_REPEATS; again++) {
    const late = new Set(failed().filter((id) => !EXPECTED_FAILURES.includes(id)));
    if (late.size === 0) break;
    results = await run([{ tests: required.filter(({ id }) => late.has(id)) }], plane.port, again);
  }
  assert.ok(required.length > 150, 'the suite has run');
  assert.deepEqual(failed().toSorted(), EXPECTED_FAILURES.toSorted());
  const most = optimal.filter(passes).length;
  assert.ok(most >= OPTIMAL, `${most} of the optimal ones`);
});

/** It comes with the suite, and has no types. */
const NODE_FETCH: string = 'node-fetch';

/** The suite waits for real seconds, and a busy machine may take longer than it allows: those tests are run once more. */
const MOST_REPEATS = 2;

/** Runs tests, and gives the results of all that have run. The runner remembers its tests, so each time it is another one. */
async function run(groups: readonly Group[], port: number, again: number): Promise<Record<string, unknown>> {
  const runner = await suite<{
    runTests(groups: readonly Group[], fetch: unknown, browser: boolean, base: string): Promise<void>;
    getResults(): Record<string, unknown>;
  }>(`client/runner.mjs?${again}`);
  const { default: fetch } = (await import(NODE_FETCH)) as { default: unknown };
  await runner.runTests(groups, fetch, false, `http://127.0.0.1:${port}`);
  return runner.getResults();
}
