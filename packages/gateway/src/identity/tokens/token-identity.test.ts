import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Claims } from '../../core/identity.ts';
import { tokenIdentity } from './token-identity.ts';

function identityOf(claims: Claims) {
  return tokenIdentity('corporate', 'the token', claims);
}

function scopesOf(claims: Claims) {
  return identityOf({ sub: 's', ...claims })?.scopes;
}

describe('tokenIdentity', () => {
  it('puts together who is calling', () => {
    const claims = { sub: 'alice', azp: 'web', scope: 'a b', exp: 10, roles: ['staff'] };
    assert.deepEqual(identityOf(claims), {
      method: 'token',
      provider: 'corporate',
      subject: 'alice',
      consumer: '',
      clientId: 'web',
      scopes: ['a', 'b'],
      claims,
      metadata: {},
      plan: '',
      key: 'corporate:alice',
      token: 'the token',
      expiresAtMs: 10_000,
    });
  });

  it('takes the client for the subject where there is none', () => {
    const { subject, clientId, key } = identityOf({ client_id: 'batch' }) ?? {};
    assert.deepEqual([subject, clientId, key], ['batch', 'batch', 'corporate:batch']);
  });

  it('does not exist for a token that names nobody', () => {
    for (const claims of [{}, { sub: '' }, { sub: 7 }, { sub: null, client_id: 'web' }, { client_id: 1 }]) {
      assert.equal(identityOf(claims), null);
    }
  });

  it('finds the client under each of its names', () => {
    const clients = [
      { azp: 'a', client_id: 'b', appid: 'c' },
      { client_id: 'b', appid: 'c' },
      { appid: 'c' },
      {},
    ];
    const found = clients.map((claims) => identityOf({ sub: 's', ...claims })?.clientId);
    assert.deepEqual(found, ['a', 'b', 'c', '']);
  });

  it('reads scopes as a text and as a list', () => {
    assert.deepEqual(scopesOf({ scope: ' a  b ' }), ['a', 'b']);
    assert.deepEqual(scopesOf({ scp: 'a b' }), ['a', 'b']);
    assert.deepEqual(scopesOf({ scp: ['a', 1, 'b c'] }), ['a', 'b c']);
    assert.deepEqual(scopesOf({ scope: 'a', scp: 'b' }), ['a']);
    assert.deepEqual(scopesOf({ scope: 7 }), []);
    assert.deepEqual(scopesOf({}), []);
  });
});
