import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Identity } from '../../core/identity.ts';
import { callerOf } from '../../core/identity-testing.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { forwardIdentity, type IdentitySigner } from './forward-identity.ts';

const PASSED: Reply = { status: 200, headers: headersOf(), body: null, code: '', tunnel: null };

const signer: IdentitySigner = { token: ({ subject }, audience) => `${subject}.for.${audience}` };

interface Told {
  readonly reply: Reply;
  /** The fields that go on, as they would be written. */
  readonly lines: string;
  readonly exchange: Exchange;
}

async function tell(
  config: 'headers' | 'jwt',
  identity: Identity | null,
  { headers = headersOf(), by = signer } = {},
): Promise<Told> {
  const exchange = exchangeFrom({ headers });
  exchange.identity = identity;
  const stage = forwardIdentity(config, { signer: by, service: 'orders' });
  const reply = await stage?.(() => Promise.resolve(PASSED))(exchange);
  assert.ok(reply !== undefined);
  return { reply, lines: headers.endToEndLines(), exchange };
}

function problemOf({ reply }: Told): Record<string, unknown> {
  return JSON.parse(String(reply.body)) as Record<string, unknown>;
}

describe('forwardIdentity: off', () => {
  it('is no stage', () => {
    assert.equal(forwardIdentity('off', { signer, service: 'orders' }), null);
  });
});

describe('forwardIdentity: headers', () => {
  it('tells everything that is known of the caller', async () => {
    const identity = callerOf({
      subject: 'alice',
      provider: 'corporate',
      consumer: 'acme',
      clientId: 'web',
      scopes: ['orders:read', 'orders:write'],
      plan: 'gold',
    });
    const { lines, reply } = await tell('headers', identity);
    assert.equal(reply, PASSED);
    assert.equal(
      lines,
      'X-Identity-Subject: alice\r\n' +
        'X-Identity-Provider: corporate\r\n' +
        'X-Identity-Consumer: acme\r\n' +
        'X-Identity-Client: web\r\n' +
        'X-Identity-Scopes: orders:read orders:write\r\n' +
        'X-Identity-Plan: gold\r\n',
    );
  });

  it('leaves out what there is nothing to say of', async () => {
    const { lines } = await tell('headers', callerOf());
    assert.equal(lines, 'X-Identity-Subject: alice\r\nX-Identity-Provider: corporate\r\n');
  });

  it('tells the same of the same identity again', async () => {
    const identity = callerOf({ plan: 'gold' });
    assert.equal((await tell('headers', identity)).lines, (await tell('headers', identity)).lines);
  });

  it('takes the place of what the client says of itself', async () => {
    const headers = headersOf(
      ['Accept', '*/*'],
      ['X-Identity-Subject', 'root'],
      ['x-identity-plan', 'platinum'],
      ['X-Identity-Token', 'forged'],
    );
    const { lines } = await tell('headers', callerOf(), { headers });
    assert.equal(lines, 'Accept: */*\r\nX-Identity-Subject: alice\r\nX-Identity-Provider: corporate\r\n');
  });

  it('tells nothing of callers without an identity, whatever they say', async () => {
    const headers = headersOf(['X-Identity-Subject', 'root']);
    assert.equal((await tell('headers', null, { headers })).lines, '');
  });

  it('cannot be used to write a field of another name', async () => {
    const { lines } = await tell('headers', callerOf({ subject: 'a\r\nX-Identity-Plan: gold' }));
    assert.equal(
      lines,
      'X-Identity-Subject: a%0D%0AX-Identity-Plan:%20gold\r\nX-Identity-Provider: corporate\r\n',
    );
  });

  it('refuses an identity that does not fit, instead of telling a part of it', async () => {
    for (const fields of [{ subject: 'x'.repeat(1025) }, { scopes: ['\ud800'] }, { plan: 'é'.repeat(400) }]) {
      const told = await tell('headers', callerOf(fields));
      assert.equal(told.reply.code, 'FORBIDDEN');
      assert.equal(problemOf(told)['rule'], 'forwardIdentity');
      assert.equal(told.lines, '');
    }
  });
});

describe('forwardIdentity: jwt', () => {
  it('tells it in a token for the service', async () => {
    const { lines, reply } = await tell('jwt', callerOf(), {
      headers: headersOf(['X-Identity-Token', 'forged']),
    });
    assert.equal(reply, PASSED);
    assert.equal(lines, 'X-Identity-Token: alice.for.orders\r\n');
  });

  it('tells nothing of callers without an identity', async () => {
    assert.equal((await tell('jwt', null)).lines, '');
  });

  it('refuses an identity whose token would be too large for a field', async () => {
    const told = await tell('jwt', callerOf(), { by: { token: () => 'x'.repeat(8193) } });
    assert.equal(told.reply.code, 'FORBIDDEN');
    assert.equal(problemOf(told)['rule'], 'forwardIdentity');
  });

  it('lets nobody through as long as there is no key', async () => {
    const told = await tell('jwt', callerOf(), { by: { token: () => null } });
    assert.equal(told.reply.code, 'CREDENTIALS_UNAVAILABLE');
    assert.equal(told.reply.headers.get('retry-after'), '1');
    assert.equal(told.lines, '');
  });
});
