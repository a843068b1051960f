import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebRequest, Web } from './endpoint-source.ts';
import { BeginAnew, EtcdGateway } from './etcd-gateway.ts';

const { signal } = new AbortController();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Call {
  readonly path: string;
  readonly message: Record<string, unknown>;
  readonly token: string | undefined;
}

/** An etcd that answers from a script: `[status, value]` for each call, lines for each watch. */
function scripted(
  answers: readonly (readonly [status: number, value: object])[],
  lines: readonly object[] = [],
): { readonly calls: Call[]; readonly web: Web } {
  const calls: Call[] = [];
  const note = (url: string, { headers, body = '' }: WebRequest = {}): void => {
    const message = JSON.parse(body) as Record<string, unknown>;
    calls.push({ path: new URL(url).pathname, message, token: headers?.['authorization'] });
  };
  let turn = 0;
  return {
    calls,
    web: {
      async request(url, request) {
        note(url, request);
        const [status, value] = answers[turn++] ?? [500, {}];
        return { status, headers: new Map(), text: JSON.stringify(value) };
      },
      async lines(url, request) {
        note(url, request);
        return { status: 200, lines: spoken(lines) };
      },
    },
  };
}

async function* spoken(lines: readonly object[]): AsyncGenerator<string> {
  for (const line of lines) yield JSON.stringify(line);
}

function gateway(web: Web, { prefix = '/s/', username = null as string | null } = {}): EtcdGateway {
  const config = { kind: 'etcd', urls: [], prefix, username, password: 'p' } as const;
  return new EtcdGateway('http://etcd:2379/', config, web);
}

const LISTED = [200, { header: { revision: '7' } }] as const;
const TOKEN = [200, { token: 'one' }] as const;
const UNAUTHENTICATED = [401, { error: 'etcdserver: invalid auth token', code: 16 }] as const;
const line = (result: object, revision = '7'): object => ({ result: { header: { revision }, ...result } });

describe('the list of etcd', () => {
  for (const [prefix, end] of [
    ['/s/', '/s0'],
    ['a', 'b'],
    ['', '\0'],
  ] as const)
    it(`asks for the keys from ${JSON.stringify(prefix)} to ${JSON.stringify(end)}`, async () => {
      const { web, calls } = scripted([LISTED]);
      assert.deepEqual(await gateway(web, { prefix }).list(signal), { revision: 7, entries: [] });
      const { key, range_end } = calls[0]?.message ?? {};
      assert.deepEqual([key, range_end], [base64(prefix || '\0'), base64(end)]);
    });

  it('is asked for with a token, which is renewed when it is refused', async () => {
    const { web, calls } = scripted([TOKEN, LISTED, UNAUTHENTICATED, [200, { token: 'two' }], LISTED]);
    const etcd = gateway(web, { username: 'u' });
    await etcd.list(signal);
    await etcd.list(signal);
    assert.deepEqual(
      calls.map(({ path, token }) => [path, token]),
      [
        ['/v3/auth/authenticate', undefined],
        ['/v3/kv/range', 'one'],
        ['/v3/kv/range', 'one'],
        ['/v3/auth/authenticate', undefined],
        ['/v3/kv/range', 'two'],
      ],
    );
  });

  it('fails when a new token is refused too', async () => {
    const { web } = scripted([TOKEN, UNAUTHENTICATED]);
    await assert.rejects(gateway(web, { username: 'u' }).list(signal), { status: 401 });
  });

  it('fails without a revision, and with too many keys', async () => {
    const kvs = Array.from({ length: 20_001 }, () => ({ key: base64('/s/a'), value: '' }));
    for (const value of [{}, { header: { revision: -1 } }, { ...LISTED[1], kvs }])
      await assert.rejects(gateway(scripted([[200, value]]).web).list(signal), Error);
  });
});

describe('the watch of etcd', () => {
  const kv = { key: base64('/s/a'), value: base64('x') };

  async function watched(lines: readonly object[], username: string | null = null): Promise<unknown[]> {
    const told: unknown[] = [];
    const { web } = scripted([TOKEN], lines);
    for await (const news of gateway(web, { username }).watch(5, signal)) told.push(news);
    return told;
  }

  it('tells what was put and deleted, and the revision up to which that is all', async () => {
    const told = await watched([
      // What has happened since comes after it.
      line({ created: true }, '9'),
      line({ events: [{ kv }, { type: 'DELETE', kv: { key: kv.key } }] }, '6'),
      line({}, '9'),
    ]);
    assert.deepEqual(told, [
      { revision: 5, entries: [] },
      {
        revision: 6,
        entries: [
          { key: '/s/a', value: 'x' },
          { key: '/s/a', value: null },
        ],
      },
      { revision: 9, entries: [] },
    ]);
  });

  it('asks for what comes after the revision', async () => {
    const { web, calls } = scripted([]);
    for await (const _ of gateway(web).watch(5, signal)) assert.fail();
    const request = calls[0]?.message['create_request'] as Record<string, unknown>;
    assert.deepEqual([request['start_revision'], request['progress_notify']], ['6', true]);
  });

  for (const [why, lines, username] of [
    ['what it asks for was compacted', [line({ canceled: true, compact_revision: '6' })], null],
    ['etcd is behind what was seen', [line({ created: true }, '4')], null],
    [
      'its token is no longer good',
      [line({ created: true, canceled: true, cancel_reason: 'etcdserver: invalid auth token' })],
      'u',
    ],
  ] as const)
    it(`begins anew when ${why}`, async () => {
      await assert.rejects(watched(lines, username), BeginAnew);
    });

  it('fails when it is ended for another reason', async () => {
    for (const ending of [
      line({ canceled: true }),
      line({ canceled: true, cancel_reason: 'etcdserver: permission denied' }),
      line({ canceled: true, cancel_reason: 'etcdserver: invalid auth token' }),
      { error: { grpc_code: 14, message: 'etcdserver: no leader' } },
      {},
    ])
      await assert.rejects(watched([ending]), { name: 'Error', message: /the watch was ended/ });
  });
});
