import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, chunkedReply, fieldsOf, reply } from '@turnpike/testkit';
import { chunks, gateway, get, request } from '../wire/fixture.ts';

/** How a client could claim to be somebody: names of ours in any case, and those that CGI makes of them. */
const CLAIMS = [
  'X-Identity-Subject: root',
  'x-identity-provider: corporate',
  'X-IDENTITY-CONSUMER: acme',
  'X-Identity-Client: web',
  'X-Identity-Scopes: admin',
  'X-Identity-Plan: gold',
  'X-Identity-Token: e30.e30.e30',
  'X-Identity-Roles: admin',
  'x-identity-of-a-release-to-come: root',
  'X_Identity_Subject: root',
  'X-Identity_Subject: root',
  'X.Identity.Subject: root',
  'X-Identity~Subject: root',
  'Client-Cert: :MIIB:',
  'Client-Cert-Chain: :MIIB:',
];

const identityFields = (fields: readonly (readonly [string, string])[]) =>
  fields.map(([name]) => name).filter((name) => /identity|client.cert/i.test(name));

describe('fields in which we tell services who is calling', () => {
  it('never reach a service when a client sends them, on routes without any policy', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('x')) });
    await (await client()).ask(get('/', ...CLAIMS, 'X-Other: stays'));
    const { fields } = await upstream.request(0);
    assert.deepEqual(identityFields(fields), []);
    assert.deepEqual(fieldsOf({ fields }, 'x-other'), ['stays']);
  });

  it('never reach one when a trusted proxy sends them', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answer(reply('x')),
      listener: { trustedProxies: ['127.0.0.1'] },
    });
    await (await client()).ask(get('/', ...CLAIMS));
    assert.deepEqual(identityFields((await upstream.request(0)).fields), []);
  });

  it('never reach one twice in the same way, on a connection that sends them again and again', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('x')) });
    const connection = await client();
    for (let count = 0; count < 3; count++) await connection.ask(get('/', ...CLAIMS));
    for (const { fields } of upstream.requests) assert.deepEqual(identityFields(fields), []);
    assert.equal(upstream.requests.length, 3);
  });

  it('never reach one because `Connection` names them', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('x')) });
    await (await client()).ask(get('/', 'Connection: x-identity-subject', ...CLAIMS));
    assert.deepEqual(identityFields((await upstream.request(0)).fields), []);
  });

  it('never reach one as trailers', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('x')) });
    const sent = request('POST /', [
      'Transfer-Encoding: chunked',
      'Trailer: X-Identity-Subject',
      'TE: trailers',
    ]);
    await (await client()).ask(sent + chunks(['body'], ['X-Identity-Subject: root', 'X-Sum: 1']));
    const { trailers } = await (await upstream.request(0)).whole();
    assert.deepEqual(trailers, [['X-Sum', '1']]);
  });

  it('never reach a client when a service sends them back', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(chunkedReply(['x'], ['X-Identity-Subject: root', 'X-Sum: 1'], CLAIMS)),
    });
    const { fields, trailers } = await (await client()).ask(get('/'));
    assert.deepEqual(identityFields(fields), []);
    assert.deepEqual(trailers, [['X-Sum', '1']]);
  });
});
