import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, eventually, reply, scriptedUpstream } from '@turnpike/testkit';
import { upstream } from '../http2/fixture.ts';
import { gateway, type Rig } from '../wire/fixture.ts';
import { block, END_HEADERS, END_STREAM, frame, frameClient, pseudo, TYPE } from '../wire/http2-frames.ts';

const KEY = 'key-of-acme-0123456789';
/** Names of ours, and those that services of CGI and its kin take for them. */
const CLAIMS = [
  'x-identity-subject',
  'x-identity-token',
  'x-identity-of-a-release-to-come',
  'x_identity_subject',
  'x-identity_subject',
  'x.identity.subject',
  'x-identity.subject',
  'client-cert',
  'client-cert-chain',
].map((name): [string, string] => [name, 'root']);
const POLICIES = {
  authenticate: { with: ['consumers'], optional: true },
  forwardIdentity: 'headers',
};

/** What a service got that speaks of callers. */
interface Told {
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
}

/** A service with HTTP/2, and what it is told. */
async function modernService(t: TestContext): Promise<{ url: string; told: Told[] }> {
  const told: Told[] = [];
  const { port } = await upstream(t, (stream, headers) => {
    let trailers: string[] = [];
    stream.on('trailers', (fields) => (trailers = about(fields)));
    stream.on('end', () => {
      told.push({ fields: about(headers), trailers });
      stream.respond({ ':status': 200 }, { endStream: true });
    });
    stream.resume();
  });
  return { url: `grpc://127.0.0.1:${port}`, told };
}

function about(headers: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => /identity|client.cert|x-sum/.test(name))
    .map(([name, value]) => `${name}: ${String(value)}`);
}

async function site(t: TestContext, modern: string): Promise<Rig> {
  const copies = await scriptedUpstream(answer(reply('x')));
  t.after(() => copies.close());
  return gateway(t, {
    upstream: answer(reply('x')),
    services: { modern: { endpoints: [modern] }, gone: { endpoints: ['http://127.0.0.1:1'] } },
    route: { policies: POLICIES },
    routes: {
      modern: { match: { path: '/modern' }, service: 'modern', policies: POLICIES },
      fallback: {
        match: { path: '/fallback' },
        service: 'gone',
        policies: { ...POLICIES, fallback: { service: 'modern' } },
      },
      mirror: {
        match: { path: '/mirror' },
        service: 'main',
        policies: { ...POLICIES, mirror: { service: 'modern', percent: 100 } },
      },
    },
    sections: { consumers: { acme: { keys: [KEY] } } },
  });
}

const OURS = ['x-identity-consumer: acme', 'x-identity-provider: consumers', 'x-identity-subject: acme'];

describe('fields in which we tell services who is calling, from clients with HTTP/2', () => {
  for (const path of ['/modern', '/fallback', '/mirror']) {
    it(`are only ours, also on the way of ${path}, before a body and behind it`, async (t) => {
      const service = await modernService(t);
      const rig = await site(t, service.url);
      const client = await frameClient(t, rig.plane.port);
      const post = (id: number, ...fields: [string, string][]): Buffer[] => [
        frame(
          TYPE.headers,
          END_HEADERS,
          id,
          block([...pseudo('POST', path), ['content-length', '4'], ...CLAIMS, ...fields, ...CLAIMS]),
        ),
        frame(TYPE.data, 0, id, Buffer.from('body')),
        frame(TYPE.headers, END_HEADERS | END_STREAM, id, block([...CLAIMS, ['x-sum', '1']])),
      ];
      client.send(...post(1));
      await client.whole(1);
      await eventually(() => service.told.length === 1, 'the first');
      client.send(...post(3, ['x-api-key', KEY]));
      await client.whole(3);
      await eventually(() => service.told.length === 2, 'the second');
      const [nobody, somebody] = service.told;
      assert.deepEqual(nobody?.fields, []);
      assert.deepEqual(somebody?.fields.toSorted(), OURS);
      for (const { trailers } of service.told) assert.ok(trailers.every((line) => line === 'x-sum: 1'));
      for (const { head } of rig.upstream.requests) assert.doesNotMatch(head, /root/);
      for (const talk of rig.upstream.requests) {
        const { trailers } = await talk.whole();
        assert.ok(trailers.every(([name]) => name.toLowerCase() === 'x-sum'));
      }
    });
  }

  it('are no pseudo-header fields, and have no capitals', async (t) => {
    const service = await modernService(t);
    const rig = await site(t, service.url);
    const client = await frameClient(t, rig.plane.port);
    const wrong: [string, string][] = [
      [':x-identity-subject', 'root'],
      ['X-Identity-Subject', 'root'],
      ['x-identity-subject ', 'root'],
      ['x-identity-subject:', 'root'],
      ['x-other', 'a\r\nx-identity-subject: root'],
      ['connection', 'x-identity-subject'],
    ];
    for (const [i, field] of wrong.entries()) {
      const id = 2 * i + 1;
      client.send(frame(TYPE.headers, END_HEADERS | END_STREAM, id, block([...pseudo(), field])));
      assert.equal(await client.reset(id), 1, field[0]);
    }
    assert.deepEqual(rig.upstream.requests, []);
  });
});
