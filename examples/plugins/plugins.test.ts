// How plugins are tested: a whole gateway in this process, without a socket. `node --test examples/plugins/plugins.test.ts`
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { testGateway } from '@turnpike/gateway/testing';
import maintenance from './plugins/maintenance.ts';
import mask from './plugins/mask.ts';
import sign from './plugins/sign.ts';
import tenant from './plugins/tenant.ts';

describe('tenant', () => {
  it('lets callers of the tenant in, and tells the service which one it is', async () => {
    await using gateway = await testGateway({ policy: tenant });
    const reply = await gateway.send('/tenants/acme/orders', { as: { claims: { tenant: 'acme' } } });
    assert.equal(reply.status, 200);
    assert.equal(reply.upstream[0]?.headers.get('x-tenant'), 'acme');
  });

  it('knows nothing of other tenants', async () => {
    await using gateway = await testGateway({ policy: tenant });
    const reply = await gateway.send('/tenants/acme/orders', { as: { claims: { tenant: 'other' } } });
    assert.equal(reply.status, 404);
    assert.deepEqual(reply.upstream, []);
    assert.match(reply.text, /"code":"UNKNOWN_TENANT"/);
  });

  it('refuses callers without a tenant, unless it is told not to be strict', async () => {
    await using strict = await testGateway({ policy: tenant });
    assert.equal((await strict.send('/tenants/acme/orders')).status, 403);
    await using lenient = await testGateway({ policy: tenant, with: { strict: false } });
    assert.equal((await lenient.send('/tenants/acme/orders')).status, 200);
  });
});

describe('maintenance', () => {
  const hours = { from: '2026-01-01T01:00:00Z', until: '2026-01-01T03:00:00Z' };

  it('turns changes away for as long as it lasts, and says when to come again', async () => {
    await using gateway = await testGateway({ policy: maintenance, with: hours });
    assert.equal((await gateway.send('/orders', { json: {} })).status, 200);
    await gateway.advance('90m');
    const reply = await gateway.send('/orders', { json: {} });
    assert.equal(reply.status, 503);
    assert.equal(reply.headers.get('retry-after'), '5400');
    assert.equal((await gateway.send('/orders')).status, 200);
    await gateway.advance('2h');
    assert.equal((await gateway.send('/orders', { json: {} })).status, 200);
  });

  it('does not start with hours that make no sense', async () => {
    const plan = { policy: maintenance, with: { from: hours.until, until: hours.from } };
    await assert.rejects(testGateway(plan), /the maintenance ends before it begins/);
  });
});

describe('mask', () => {
  const headers = { 'Cache-Control': 'public, max-age=60' };
  const services = {
    service: { headers, json: { id: 7, card: { number: '4111' }, lines: [{ iban: 'DE02', sum: 3 }] } },
  };

  it('hides fields, however deep, and leaves the cached answer whole', async () => {
    await using gateway = await testGateway({
      policy: mask,
      with: { fields: ['card', 'iban'] },
      policies: { cache: { defaultTtl: '1m' } },
      consumers: { desk: { metadata: { support: true } }, acme: {} },
      services,
    });
    const masked = { id: 7, card: '***', lines: [{ iban: '***', sum: 3 }] };
    assert.deepEqual((await gateway.send('/orders/7', { as: { consumer: 'acme' } })).json(), masked);
    const whole = await gateway.send('/orders/7', { as: { consumer: 'desk' } });
    assert.deepEqual(whole.json(), services.service.json);
    assert.deepEqual(whole.upstream, []);
  });

  it('does not touch what is no JSON', async () => {
    const services = { service: { headers: { 'Content-Type': 'text/plain' }, body: 'card' } };
    await using gateway = await testGateway({ policy: mask, with: { fields: ['card'] }, services });
    assert.equal((await gateway.send('/orders/7')).text, 'card');
  });
});

describe('sign', () => {
  it('signs what the service gets: the method, the target and the body', async () => {
    const key = 'a-key-of-the-example';
    await using gateway = await testGateway({ policy: sign, with: { key } });
    const { upstream } = await gateway.send('/orders?dry=1', { json: { id: 7 } });
    const seconds = Date.parse('2026-01-01T00:00:00Z') / 1000;
    const text = `${seconds}\nPOST\n/orders?dry=1\n{"id":7}`;
    const digest = createHmac('sha256', key).update(text).digest('hex');
    assert.equal(upstream[0]?.headers.get('x-signature'), `t=${seconds},v1=${digest}`);
    assert.equal(upstream[0].body, '{"id":7}');
  });
});

describe('examples/plugins/gateway.yaml', () => {
  it('puts each plugin in its place', async () => {
    const file = new URL('gateway.yaml', import.meta.url).pathname;
    await using gateway = await testGateway({ config: file });
    const { steps, upstream } = await gateway.send('/orders/7', { as: { consumer: 'acme' } });
    const stages = steps
      .map(({ stage }) => stage)
      .filter((stage) => /^(plugins\/|authenticate|forward$)/.test(stage));
    assert.deepEqual(stages, [
      'plugins/maintenance',
      'authenticate',
      'plugins/mask',
      'plugins/sign',
      'forward',
    ]);
    assert.equal(upstream[0]?.target, '/7');
  });
});
