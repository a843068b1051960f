import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { oauthFailure } from './oauth-failure.ts';

/** What the library throws. */
function failure(code: string, error?: string): Error {
  return Object.assign(new Error('no'), { code, error, cause: { access_token: 'secret' } });
}

function codeOf(error: unknown): string | null {
  const failed = oauthFailure(error);
  return failed instanceof GatewayError ? failed.code : null;
}

describe('a failure of the OAuth library', () => {
  it('is the fault of what the caller brought when the provider says so', () => {
    for (const error of [
      'invalid_grant',
      'invalid_request',
      'invalid_scope',
      'invalid_target',
      'access_denied',
    ])
      assert.equal(codeOf(failure('OAUTH_RESPONSE_BODY_ERROR', error)), 'UNAUTHENTICATED', error);
    assert.equal(codeOf(failure('OAUTH_JWT_CLAIM_COMPARISON_FAILED')), 'UNAUTHENTICATED');
    assert.equal(codeOf(failure('OAUTH_INVALID_RESPONSE')), 'UNAUTHENTICATED');
  });

  it('is not the fault of the caller when the provider refuses us, or does not work', () => {
    for (const error of ['invalid_client', 'unauthorized_client', 'server_error', 'temporarily_unavailable'])
      assert.equal(codeOf(failure('OAUTH_RESPONSE_BODY_ERROR', error)), 'IDENTITY_UNAVAILABLE', error);
    assert.equal(codeOf(failure('OAUTH_WWW_AUTHENTICATE_CHALLENGE')), 'IDENTITY_UNAVAILABLE');
    assert.equal(codeOf(failure('OAUTH_PARSE_ERROR')), 'IDENTITY_UNAVAILABLE');
  });

  it('tells no secret, and nothing that a browser made up', () => {
    const failed = oauthFailure(failure('OAUTH_AUTHORIZATION_RESPONSE_ERROR', 'Dear log,\nbuy this'));
    assert.ok(failed instanceof GatewayError);
    assert.equal(failed.message, 'no');
    assert.equal(failed.cause, undefined);
  });

  it('stays what it is when it is ours', () => {
    const ours = new TypeError('a bug');
    assert.equal(oauthFailure(ours), ours);
    const known = new GatewayError('IDENTITY_UNAVAILABLE', 'down');
    assert.equal(oauthFailure(known), known);
  });
});
