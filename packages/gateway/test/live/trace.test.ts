import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TraceView } from '../../src/admin/live-port.ts';
import { debugToken } from '../../src/core/debug-token.ts';
import { signedValue } from '../../src/core/signed-value.ts';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until } from '../threads/fixture.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const soon = () => Date.now() + 60_000;
const debug = { accessLog: 'off', debug: { secret: SECRET } };

/** Runs a service that answers with the fields that it got. */
async function withEcho(use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const routing = (endpoint: string, sections: object = {}) =>
  saying('', {
    services: { s: { endpoints: ['http://127.0.0.1:1', endpoint] } },
    routes: {
      all: { match: { path: '/a/*' }, service: 's' },
      one: { match: { path: '/a/{id}', methods: ['GET'] }, service: 's' },
      shut: {
        match: { path: '/shut' },
        service: 's',
        policies: { ipAccess: { deny: ['127.0.0.0/8'] }, errors: { '403': { body: 'no' } } },
      },
      header: { match: { path: '/a/{id}', headers: { 'x-v': '2' } }, service: 's' },
    },
    telemetry: debug,
    ...sections,
  });

const bringing = (token: string, more: Record<string, string> = {}) => ({
  headers: { 'x-turnpike-debug': token, ...more },
});

/** The trace, as soon as it is there. */
async function traceOf(gateway: Supervisor, id: unknown): Promise<TraceView> {
  let body = '';
  await until(async () => {
    const answer = await ask(gateway.adminPort, `/requests/${String(id)}/trace`);
    body = answer.body;
    return answer.status === 200;
  });
  return JSON.parse(body);
}

describe('the trace of decisions', () => {
  it('tells candidates, stages, endpoints and the time that each took', async () => {
    await withEcho((url) =>
      onSite(routing(url), async ({ start, file }) => {
        const gateway = await start({ watch: false });
        const path = '/a/7?token=s3cret';
        const { body, headers } = await ask(
          gateway.ports.get('web'),
          path,
          bringing(debugToken(SECRET, soon())),
        );
        assert.equal(JSON.parse(body)['x-turnpike-debug'], undefined);
        const trace = await traceOf(gateway, headers['x-turnpike-trace-id']);
        assert.equal(trace.request.path, '/a/7');
        assert.equal(trace.reply.status, 200);
        assert.deepEqual(
          trace.candidates.map(({ route, outcome, mismatches }) => [route, outcome, ...mismatches]),
          [
            ['header', 'rejected', 'header x-v'],
            ['one', 'chosen'],
            ['all', 'outranked'],
          ],
        );
        assert.equal(trace.route.id, 'one');
        assert.equal(trace.route.place, `${file}:1`);
        const stages = trace.steps.map(({ stage, verdict }) => `${stage} ${verdict}`);
        assert.equal(stages[0], 'rescue passed');
        assert.ok(stages.includes('target passed'));
        assert.equal(stages.at(-1), 'forward answered');
        assert.ok(trace.steps.every(({ ownMicroseconds }) => ownMicroseconds >= 0));
        assert.equal(trace.upstream.service, 's');
        assert.equal(`http://${trace.upstream.endpoint}`, url);
        assert.doesNotMatch(JSON.stringify(trace), /s3cret|debug/);
      }),
    );
  });

  it('names the stage, the rule and the line of what Turnpike answers by itself', async () => {
    await onSite(routing('http://127.0.0.1:2'), async ({ start, file }) => {
      const gateway = await start({ watch: false });
      const token = debugToken(SECRET, soon());
      const asked = async (path: string) => {
        const { headers } = await ask(gateway.ports.get('web'), path, bringing(token));
        return traceOf(gateway, headers['x-turnpike-trace-id']);
      };
      const shut = await asked('/shut');
      assert.equal(shut.reply.code, 'IP_DENIED');
      assert.equal(shut.reply.answeredBy, 'ip-access');
      assert.equal(shut.reply.rule, 'ipAccess');
      assert.equal(shut.reply.place, `${file}:1`);
      const { decisions = [], verdict } = shut.steps.at(-1) ?? {};
      assert.equal(verdict, 'answered');
      assert.deepEqual(
        decisions.map(({ policy, decision }) => [policy, decision]),
        [['ipAccess', 'denied']],
      );
      const down = await asked('/a/1');
      assert.equal(down.reply.code, 'CONNECT_FAILED');
      assert.equal(down.reply.answeredBy, 'forward');
      assert.equal(down.steps.at(-1)?.verdict, 'failed');
      const nowhere = await asked('/none');
      assert.deepEqual([nowhere.reply.code, nowhere.route.id, nowhere.steps], ['NO_ROUTE', '', []]);
    });
  });

  it('is for good tokens that are not over, and for nobody without a secret', async () => {
    await withEcho((url) =>
      onSite(routing(url), async ({ start, write }) => {
        const gateway = await start({ watch: false });
        const idOf = async (token: string) =>
          (await ask(gateway.ports.get('web'), '/a/1', bringing(token))).headers['x-turnpike-trace-id'];
        const good = debugToken(SECRET, soon());
        assert.notEqual(await idOf(good), undefined);
        const bad = [
          '',
          'x',
          `${good}x`,
          debugToken(SECRET, Date.now() - 1000),
          debugToken(SECRET, Date.now() + 2 * 86_400_000),
          debugToken(`${SECRET}2`, soon()),
          signedValue(Buffer.from(SECRET), 'other').sign(String(Math.floor(soon() / 1000))),
          signedValue(Buffer.from(SECRET), 'debug').sign('NaN'),
        ];
        for (const token of bad) assert.equal(await idOf(token), undefined, token);
        await write(routing(url, { telemetry: { accessLog: 'off' } }));
        assert.equal((await gateway.reload('test')).kind, 'applied');
        assert.equal(await idOf(good), undefined);
        assert.equal((await ask(gateway.adminPort, '/requests/x/trace')).status, 404);
      }),
    );
  });

  it('is of the one request on a connection that others share with it', async () => {
    await withEcho((url) =>
      onSite(routing(url, { runtime: { threads: 1 } }), async ({ start }) => {
        const gateway = await start({ watch: false });
        const client = connect(gateway.ports.get('web') ?? 0, '127.0.0.1');
        const token = `X-Turnpike-Debug: ${debugToken(SECRET, soon())}\r\n`;
        const head = (path: string, field: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${field}\r\n`;
        // The second comes when the service has answered the first, on a socket that was opened for that one.
        client.write(
          head('/a/1', token) +
            head('/a/2', '') +
            head('/a/3', token) +
            head('/a/4', 'Connection: close\r\n'),
        );
        let text = '';
        for await (const chunk of client) text += String(chunk);
        const ids = Array.from(text.matchAll(/X-Turnpike-Trace-Id: (\S+)/gi), ([, id]) => id);
        assert.equal(ids.length, 2);
        for (const [index, path] of ['/a/1', '/a/3'].entries()) {
          const trace = await traceOf(gateway, ids[index]);
          assert.equal(trace.request.path, path);
          assert.equal(trace.steps.filter(({ stage }) => stage === 'rescue').length, 1);
        }
      }),
    );
  });

  it('keeps to what belongs to a request when several are traced at once', async () => {
    await withEcho((url) =>
      onSite(routing(url, { runtime: { threads: 2 } }), async ({ start }) => {
        const gateway = await start({ watch: false });
        const token = debugToken(SECRET, soon());
        const answers = await Promise.all(
          ['/shut', '/a/1', '/shut', '/a/2'].map((path) =>
            ask(gateway.ports.get('web'), path, bringing(token)),
          ),
        );
        const traces = await Promise.all(
          answers.map(({ headers }) => traceOf(gateway, headers['x-turnpike-trace-id'])),
        );
        const ends = traces.map(({ steps }) => steps.at(-1)?.stage);
        assert.deepEqual(ends, ['ip-access', 'forward', 'ip-access', 'forward']);
        assert.ok(traces.every(({ steps }) => steps.filter(({ stage }) => stage === 'rescue').length <= 1));
      }),
    );
  });
});
