import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Given } from '../command.ts';
import { Failure, UsageError } from '../exit-codes.ts';
import type { LimitList, LimitState } from '../gateway.ts';
import type { Output } from '../output/terminal.ts';
import { limits } from './limits.ts';

type Options = Readonly<Record<string, string | true | readonly string[]>>;

/** What a command line gives, without commander. */
function given(words: readonly string[], options: Options): Given {
  return {
    words,
    has: (option) => options[option] === true,
    text: (option) => options[option] as string | undefined,
    list: (option) => (options[option] as readonly string[] | undefined) ?? [],
  };
}

function output(): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, isTerminal: false, paint: (_, text) => text, print: (...more) => lines.push(...more) };
}

/** Runs the command against an admin API that answers like this; gives what it was asked and what was printed. */
async function run(
  context: TestContext,
  words: readonly string[],
  options: Options,
  answer: RequestListener,
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const out = output();
  const admin = `http://127.0.0.1:${port}`;
  await limits.run(given(words, { admin, ...options }), { out, err: output() });
  return { asked, lines: out.lines };
}

const answering =
  (value: unknown, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

const STATE: LimitState = {
  route: 'orders',
  limit: '100/1m',
  key: ['acme', 'a\u001b[2J'],
  quota: 100,
  remaining: 0,
  resetSeconds: 61,
  limited: true,
  mode: 'report',
  store: 'redis',
  degraded: true,
};

const LIST: LimitList = {
  limits: [
    {
      route: 'orders',
      limit: 'plan',
      key: 'consumer',
      keyParts: ['consumer'],
      algorithm: 'sliding',
      store: 'local',
      quota: 100,
      quotaFrom: { kind: 'plan', plans: { gold: 1000 } },
      windowSeconds: 60,
      burst: null,
      mode: 'on',
      percent: 10,
      group: null,
    },
  ],
  concurrency: [{ route: 'slow', key: 'ip', keyParts: ['ip'], limit: 3, mode: 'report' }],
};

describe('turnpike limits', () => {
  it('lists limits and what may be under way at once', async (context) => {
    const { asked, lines } = await run(context, ['list'], {}, answering(LIST));
    assert.deepEqual(asked, ['GET /limits']);
    assert.deepEqual(lines, [
      'ROUTE   LIMIT  QUOTA                  BURST  BY        STORE  MODE',
      'orders  plan   100 in 1m, or by plan  -      consumer  local  on (10% of the keys)',
      '',
      'ROUTE  AT ONCE  BY  MODE',
      'slow   3        ip  report',
    ]);
    const none = await run(context, ['list'], {}, answering({ limits: [], concurrency: [] }));
    assert.deepEqual(none.lines, ['no route has a limit']);
  });

  it('names a key by its parts, and prints nothing that a terminal would obey', async (context) => {
    const options = { key: ['acme', 'a/b&c'], plan: 'gold' };
    const { asked, lines } = await run(context, ['get', 'orders', '100/1m'], options, answering(STATE));
    assert.deepEqual(asked, ['GET /limits/orders/100%2F1m?key=acme&key=a%2Fb%26c&plan=gold']);
    const text = lines.join('\n');
    assert.ok(!text.includes('\u001b'), text);
    for (const part of ['no room (this limit only reports it)', '0 of 100', '1m 1s', 'does not answer'])
      assert.ok(text.includes(part), text);
  });

  it('shows what a key has under way', async (context) => {
    const state = { route: 'slow', key: ['a'], limit: 3, inUse: 2 };
    const { asked, lines } = await run(context, ['get', 'slow'], { key: ['a'] }, answering(state));
    assert.deepEqual(asked, ['GET /concurrency/slow?key=a']);
    assert.deepEqual(lines, ['2 of 3 under way on slow by a']);
  });

  it('lets a key start afresh', async (context) => {
    const nothing: RequestListener = (_, response) => void response.writeHead(204).end();
    const { asked, lines } = await run(context, ['reset', 'orders', 'a'], { key: ['k'] }, nothing);
    assert.deepEqual([asked, lines], [['DELETE /limits/orders/a?key=k'], ['afresh: a of orders for k']]);
    const json = await run(context, ['reset', 'orders', 'a'], { json: true }, nothing);
    assert.deepEqual(JSON.parse(json.lines.join('\n')), {
      route: 'orders',
      limit: 'a',
      key: [],
      reset: true,
    });
  });

  it('says what is wrong', async (context) => {
    const refusals: readonly (readonly [readonly string[], Options])[] = [
      [['forget'], {}],
      [['list', 'orders'], {}],
      [['list'], { key: ['a'] }],
      [['get'], {}],
      [['reset', 'orders'], {}],
      [['reset', 'orders', 'a'], { plan: 'gold' }],
    ];
    for (const [words, options] of refusals)
      await assert.rejects(run(context, words, options, answering({})), UsageError, words.join(' '));
    const problem = { title: 'Redis does not answer' };
    const away = run(context, ['reset', 'orders', 'a'], { key: ['k'] }, answering(problem, 503));
    await assert.rejects(away, Failure);
  });
});
