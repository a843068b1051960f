import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyMode } from '@turnpike/config';
import { countedDecisions } from '../../core/decisions-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { securityHeaders } from './security-headers.ts';

const HEADERS = {
  'strict-transport-security': 'max-age=60',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** The stage before a service that answers with this, and what it counts. */
function rig(mode: PolicyMode = 'on') {
  const { decisions, take } = countedDecisions();
  const stage = securityHeaders({ mode, headers: HEADERS }, { decisions });
  assert.ok(stage !== null);
  return async (request: Parameters<typeof exchangeFrom>[0], service: Partial<Reply> = {}) => {
    const given = { status: 200, headers: new Headers(), body: null, code: '', tunnel: null, ...service };
    const reply = await stage(() => Promise.resolve(given as Reply))(exchangeFrom(request));
    return { reply, lines: reply.headers.endToEndLines().split('\r\n').slice(0, -1), counted: take() };
  };
}

const arrival = {
  listener: 'web',
  port: 80,
  bodyBytes: 0,
  forwardedClientCert: false,
  forwardsClientCert: false,
};
const OVER_HTTP = { arrival: { ...arrival, scheme: 'http' } } as const;
const OVER_HTTPS = { arrival: { ...arrival, scheme: 'https' } } as const;

const PLAIN = ['X-Content-Type-Options: nosniff', 'X-Frame-Options: DENY'];
const ALL = ['Strict-Transport-Security: max-age=60', ...PLAIN];

describe('securityHeaders', () => {
  it('is no stage without configuration', () => {
    assert.equal(securityHeaders(null, { decisions: () => assert.fail() }), null);
  });

  it('adds what is configured, whatever the status', async () => {
    for (const status of [200, 204, 304, 404, 503]) {
      const { lines, counted } = await rig()(OVER_HTTPS, { status });
      assert.deepEqual(lines, ALL);
      assert.deepEqual(counted, []);
    }
  });

  it('demands https of browsers only over https', async () => {
    const ask = rig();
    const told = { headers: headersOf(['X-Forwarded-Proto', 'https']) };
    assert.deepEqual((await ask(OVER_HTTP)).lines, PLAIN);
    assert.deepEqual((await ask({ ...OVER_HTTP, ...told })).lines, PLAIN);
    assert.deepEqual((await ask({ ...OVER_HTTP, ...told, fromTrustedProxy: true })).lines, ALL);
  });

  it('leaves what the service says itself', async () => {
    const headers = headersOf(['x-frame-options', 'SAMEORIGIN'], ['X-Other', '1']);
    const { lines } = await rig()(OVER_HTTP, { headers });
    assert.deepEqual(lines, ['x-frame-options: SAMEORIGIN', 'X-Other: 1', 'X-Content-Type-Options: nosniff']);
    assert.equal(headers.size, 2);
  });

  it('leaves the reply alone that is the end of HTTP', async () => {
    const headers = new Headers();
    const { reply } = await rig()(OVER_HTTPS, { status: 101, headers, tunnel: { start: () => {} } });
    assert.equal(reply.headers, headers);
    assert.equal(headers.size, 0);
  });

  it('changes nothing in report mode, and counts each field that is missing', async () => {
    const headers = headersOf(['X-Frame-Options', 'DENY']);
    const { reply, counted } = await rig('report')(OVER_HTTPS, { headers });
    assert.equal(reply.headers, headers);
    assert.equal(headers.size, 1);
    assert.deepEqual(counted, [
      'securityHeaders reported strict-transport-security',
      'securityHeaders reported x-content-type-options',
    ]);
  });
});
