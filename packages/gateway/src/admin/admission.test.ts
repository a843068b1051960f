import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import type { AdminConfig } from '@turnpike/config';
import { admission } from './admission.ts';
import type { AdminRoute } from './router.ts';

const TOKENS: AdminConfig['tokens'] = [
  { token: 'v', role: 'viewer' },
  { token: 'e', role: 'editor' },
  { token: 'a', role: 'admin' },
];

function outcome(
  tokens: AdminConfig['tokens'],
  role: AdminRoute['role'],
  request: { method?: string; headers: Record<string, string> },
  listeningOn = '127.0.0.1',
): string {
  const route: AdminRoute = { method: 'GET', path: '/', role, handle: () => assert.fail() };
  const incoming = { method: 'GET', ...request } as unknown as IncomingMessage;
  const answer = admission(tokens, listeningOn)(incoming, route);
  if (answer === null) return 'in';
  return `${JSON.parse(String(answer.body)).code} ${answer.headers['WWW-Authenticate'] ?? ''}`.trim();
}

const bearer = (token: string) => ({ headers: { host: 'gw.example', authorization: `Bearer ${token}` } });

const from = (origin: string) => ({
  method: 'POST',
  headers: { host: 'localhost:9901', origin, authorization: 'Bearer a' },
});

describe('with tokens', () => {
  const challenge = 'Bearer realm="turnpike admin"';

  it('anyone may use what needs no role, under any name', () => {
    assert.equal(outcome(TOKENS, 'anyone', { headers: { host: 'gw.example' } }), 'in');
  });

  it('a caller needs a role that includes the one that is needed', () => {
    const roles = ['viewer', 'editor', 'admin'] as const;
    for (const [have, token] of ['v', 'e', 'a'].entries()) {
      for (const [need, role] of roles.entries()) {
        const expected =
          have >= need ? 'in' : `FORBIDDEN_ROLE ${challenge}, error="insufficient_scope", scope="${role}"`;
        assert.equal(outcome(TOKENS, role, bearer(token)), expected, `${token} ${role}`);
      }
    }
  });

  it('a caller without a valid one is challenged', () => {
    assert.equal(outcome(TOKENS, 'viewer', bearer('x')), `UNAUTHORIZED ${challenge}`);
    assert.equal(outcome(TOKENS, 'viewer', { headers: {} }), `UNAUTHORIZED ${challenge}`);
  });
});

describe('without tokens', () => {
  it('this machine may do everything', () => {
    for (const host of ['localhost', 'LOCALHOST:9901', '127.0.0.1:80', '[::1]:9901'])
      assert.equal(outcome([], 'admin', { headers: { host } }), 'in', host);
    assert.equal(outcome([], 'admin', { headers: { host: '127.0.0.2:1' } }, '127.0.0.2'), 'in');
    assert.equal(outcome([], 'admin', { headers: { host: '[::1]' } }, '::1'), 'in');
  });

  it('a name that is not of this machine is refused, as it may have been rebound', () => {
    const hosts = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example:80',
      'x@localhost',
      '',
      '[::1',
    ];
    for (const host of hosts)
      assert.equal(outcome([], 'anyone', { headers: { host } }), 'FOREIGN_HOST', host);
    assert.equal(outcome([], 'anyone', { headers: {} }), 'FOREIGN_HOST');
  });

  it('nobody gets in where it listens for the network', () => {
    assert.match(outcome([], 'viewer', { headers: { host: 'localhost' } }, '0.0.0.0'), /^UNAUTHORIZED/);
  });
});

describe('a request that changes something', () => {
  it('may come from a page of our own', () => {
    assert.equal(outcome([], 'editor', from('http://localhost:9901')), 'in');
    assert.equal(outcome(TOKENS, 'editor', from('http://LOCALHOST:9901')), 'in');
  });

  it('may not come from another page, token or not', () => {
    for (const origin of ['https://evil.example', 'http://localhost:3000', 'null', '']) {
      assert.equal(outcome([], 'editor', from(origin)), 'FOREIGN_ORIGIN', origin);
      assert.equal(outcome(TOKENS, 'editor', from(origin)), 'FOREIGN_ORIGIN', origin);
    }
  });
});
