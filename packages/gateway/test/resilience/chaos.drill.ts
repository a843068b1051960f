// Clients, services and reloads that do whatever they like, under all policies at once: what must stay true all the same.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import {
  answer,
  early,
  eventually,
  hangUp,
  IncompleteMessage,
  partial,
  rawClient,
  reply,
  reset,
  scriptedUpstream,
  stall,
  startPlane,
  type Step,
} from '@turnpike/testkit';
import { random } from '../../src/core/random.ts';
import { chunks, request } from '../wire/fixture.ts';

const CHANCE = random(5);
const ROUNDS = 10;
const CLIENTS = 12;

function oneOf<T>(things: readonly T[]): T {
  const thing = things[CHANCE.below(things.length)];
  return thing ?? assert.fail('there is nothing to choose from');
}

/** Says for whom it is, so that answers that are mixed up are noticed. */
const echo: Step = (talk) =>
  answer(reply('x'.repeat(oneOf([0, 5, 50_000])), [`X-Echo: ${talk.target}`]))(talk);
const DOWN = reply('down', [], '503 Service Unavailable');
const STEPS: readonly Step[] = [
  ...Array.from({ length: 8 }, () => echo),
  answer(DOWN),
  early(DOWN),
  reset,
  hangUp,
  stall,
  partial('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'reset'),
  partial('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200', 'fin'),
];
const anything: Step = (talk) => oneOf(STEPS)(talk);

const TIMES = { timeouts: { connect: '5s', request: '300ms', idle: '300ms' } };
const BREAKER = { minimumRequests: 10, window: '1s', openFor: '50ms', maxOpenFor: '100ms' };

/** Another configuration each time; the second endpoint comes and goes. */
function document(urls: readonly string[], other: string): Record<string, unknown> {
  const policies = {
    timeout: '600ms',
    retry: { attempts: 3, on: ['reset', 'timeout', 503], ...oneOf([{}, { perTry: '100ms' }]) },
    hedge: oneOf(['off', { after: '5ms', budget: '100%' }]),
    fallback: oneOf(['off', { service: 'other' }, { respond: { body: 'spare' } }]),
    mirror: oneOf(['off', { service: 'copies', percent: 50 }]),
    fault: oneOf(['off', { abort: { percent: 10 }, delay: { percent: 10, duration: '20ms' } }]),
  };
  return {
    listeners: { web: { address: '127.0.0.1:0' } },
    services: {
      main: {
        ...TIMES,
        endpoints: oneOf([urls, urls.slice(1)]),
        balancer: oneOf<unknown>(['adaptive', 'round-robin', { hash: ['path'] }, { sticky: 'lb' }]),
        circuitBreaker: BREAKER,
        concurrency: oneOf<unknown>(['off', 4]),
        panicThreshold: oneOf(['0%', '50%']),
      },
      other: { ...TIMES, endpoints: [other] },
      copies: { ...TIMES, endpoints: [other] },
    },
    routes: {
      main: { match: { path: '/*' }, service: 'main', policies },
      ...oneOf([
        {},
        {
          split: {
            match: { path: '/split/*' },
            services: { main: 1, other: 1 },
            policies: { timeout: '600ms' },
          },
        },
      ]),
    },
  };
}

const REQUESTS: readonly ((path: string) => string)[] = [
  (path) => request(`GET ${path}`),
  (path) => request(`GET ${path}`, ['grpc-timeout: 150m']),
  (path) => request(`POST ${path}`, [], 'hello'),
  (path) => request(`PUT ${path}`, [], 'y'.repeat(30_000)),
  (path) => request(`POST ${path}`, ['Transfer-Encoding: chunked']) + chunks(['one', 'two']),
  (path) => `${request(`PUT ${path}`, ['Transfer-Encoding: chunked'])}3\r\none\r\n`,
];

const NOTHING = { body: '', head: '' };

/** Sends one request; waits for the answer, or goes away before. Gives what came. */
async function visit(port: number, path: string): Promise<string> {
  const client = await rawClient(port);
  await client.send(oneOf(REQUESTS)(path));
  if (oneOf([true, false, false])) client.reset();
  else if (oneOf([true, false])) client.end();
  const gone = once(client.socket, 'close').then(() => NOTHING);
  const { body, head } = await Promise.race([client.response(), gone]).catch((error: unknown) => {
    // A client that stays hears something in any case, be it the end of its connection.
    if (error instanceof IncompleteMessage) return NOTHING;
    throw error;
  });
  client.destroy();
  return `${head}${String(body).slice(0, 10)}`;
}
/** The first service gets a POST once at most, whatever becomes of it. */
function counting(posts: Map<string, number>): Step {
  return (talk) => {
    if (talk.method === 'POST') posts.set(talk.target, (posts.get(talk.target) ?? 0) + 1);
    return anything(talk);
  };
}

it('no exchange is lost, mixed up or sent twice, and nothing stays behind', async (t) => {
  const posts = new Map<string, number>();
  const mains = await Promise.all([scriptedUpstream(counting(posts)), scriptedUpstream(counting(posts))]);
  const other = await scriptedUpstream(anything);
  const next = () =>
    document(
      mains.map(({ url }) => url),
      other.url,
    );
  const plane = await startPlane(next());
  t.after(async () => {
    await plane.close();
    for (const upstream of [...mains, other]) await upstream.close();
  });

  let echoes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const paths = Array.from({ length: CLIENTS }, (_, i) => `${oneOf(['', '/split'])}/${round}-${i}`);
    const visits = paths.map((path) => visit(plane.port, path));
    await plane.apply(next());
    const answers = await Promise.all(visits);
    answers.forEach((text, i) => {
      const echoed = /^X-Echo: (.*)$/m.exec(text)?.[1];
      if (echoed !== undefined) echoes++;
      assert.ok(echoed === undefined || echoed === paths[i], `${echoed} for ${paths[i]}`);
    });
  }
  assert.ok(echoes > 0 && posts.size > 0, 'all of that was about something');
  assert.deepEqual(
    [...posts].filter(([, times]) => times > 1),
    [],
  );
  await eventually(() => plane.inflight() === 0, 'the end of all attempts');
  assert.deepEqual(
    plane.log.filter(({ level }) => level === 'error'),
    [],
  );
});
