import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answer,
  fieldOf,
  fieldsOf,
  reply,
  type Message,
  type RawResponse,
  type Step,
} from '@turnpike/testkit';
import { gateway, get } from '../wire/fixture.ts';

interface Seen {
  readonly request: Message;
  readonly response: RawResponse;
  readonly metrics: string;
}

/** One request through a gateway with the policy: what the service saw, and the client. */
async function seen(t: TestContext, policy: object, asked = get('/a/b')): Promise<Seen> {
  const requests: Message[] = [];
  const upstream: Step = async (talk) => {
    requests.push(await talk.whole());
    await talk.write(
      reply('hi', ['Server: apache', 'X-Powered-By: php', 'Set-Cookie: a=1', 'Set-Cookie: b=2']),
    );
  };
  const rig = await gateway(t, {
    upstream,
    route: { match: { path: '/a/{id}' }, policies: { transform: policy } },
  });
  const client = await rig.client();
  const response = await client.ask(asked);
  const [request] = requests;
  assert.ok(request !== undefined);
  return { request, response, metrics: rig.plane.metrics() };
}

const targetOf = ({ startLine }: Message): string => startLine.split(' ')[1] ?? '';

describe('transform', () => {
  it('sets, adds and removes fields of requests', async (t) => {
    const headers = {
      set: { 'X-Tenant': 't-{header.x-tenant}-{path.id}', 'x-asked': '{host}', 'X-None': '{cookie.none}' },
      add: { 'X-Tag': 'second' },
      remove: ['Cookie', 'x-secret'],
    };
    const { request } = await seen(
      t,
      { request: { headers } },
      get('/a/b', 'X-Tenant: acme', 'X-None: mine', 'X-Tag: first', 'Cookie: a=1', 'X-Secret: s'),
    );
    assert.deepEqual(fieldsOf(request, 'x-tenant'), ['t-acme-b']);
    assert.deepEqual(fieldsOf(request, 'x-asked'), ['gateway.test']);
    assert.deepEqual(fieldsOf(request, 'x-tag'), ['first', 'second']);
    for (const gone of ['cookie', 'x-secret', 'x-none']) assert.equal(fieldOf(request, gone), undefined);
  });

  it('lets no value end a line', async (t) => {
    const { request } = await seen(
      t,
      { request: { headers: { set: { 'X-Q': '{query.q}', 'X-P': '{path.id}', 'X-Long': '{query.long}' } } } },
      get(`/a/b%0d%0aX-Evil:%201?q=a%0D%0AX-Evil%3A%201&long=${'x'.repeat(5000)}`),
    );
    assert.deepEqual(fieldsOf(request, 'x-evil'), []);
    for (const name of ['x-q', 'x-p', 'x-long']) assert.equal(fieldOf(request, name), undefined);
  });

  it('writes other alphabets as UTF-8', async (t) => {
    const { request } = await seen(
      t,
      { request: { headers: { set: { 'X-P': '{path.id}' } } } },
      get('/a/%E2%82%AC'),
    );
    assert.equal(Buffer.from(fieldOf(request, 'x-p') ?? '', 'latin1').toString(), '€');
  });

  it('sets and removes parameters, and leaves the bytes of the others', async (t) => {
    const query = { set: { v: '2', who: '{header.x-user}', none: '{header.x-none}' }, remove: ['debug'] };
    const { request } = await seen(
      t,
      { request: { query } },
      get('/a/b?z=%7e+1&v=1&debug=1&v=3&y', 'X-User: a&b=c'),
    );
    assert.equal(targetOf(request), '/a/b?z=%7e+1&y&v=2&who=a%26b%3Dc');
  });

  it('begins a query where there is none', async (t) => {
    const { request } = await seen(t, { request: { query: { set: { 'ä b': 'ü' } } } });
    assert.equal(targetOf(request), '/a/b?%C3%A4%20b=%C3%BC');
  });

  it('changes responses of the service', async (t) => {
    const headers = {
      set: { 'X-Request': '{request.id}' },
      add: { 'Set-Cookie': 'c=3' },
      remove: ['server', 'x-powered-by'],
    };
    const { response } = await seen(t, { response: { headers } });
    assert.equal(fieldOf(response, 'server'), undefined);
    assert.deepEqual(fieldsOf(response, 'set-cookie'), ['a=1', 'b=2', 'c=3']);
    assert.notEqual(fieldOf(response, 'x-request') ?? '', '');
  });

  it('leaves what we say ourselves', async (t) => {
    const rig = await gateway(t, {
      upstream: answer(reply('hi')),
      service: { endpoints: ['http://127.0.0.1:1'] },
      route: {
        policies: { retry: 'off', transform: { response: { headers: { remove: ['content-type'] } } } },
      },
    });
    const client = await rig.client();
    const response = await client.ask(get('/'));
    assert.deepEqual([response.status, fieldOf(response, 'content-type')], [502, 'application/problem+json']);
  });

  it('counts what it would have done', async (t) => {
    const policy = {
      request: { headers: { remove: ['x-a'] } },
      response: { headers: { remove: ['server'] } },
      mode: 'report',
    };
    const { request, response, metrics } = await seen(t, policy, get('/a/b', 'X-A: 1'));
    assert.deepEqual([fieldOf(request, 'x-a'), fieldOf(response, 'server')], ['1', 'apache']);
    for (const what of ['request', 'response'])
      assert.match(metrics, new RegExp(`policy="transform",reason="${what}",decision="reported"} 1`));
  });
});
