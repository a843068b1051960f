import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { refusal, TOKEN_REASONS, TOKEN_REFUSALS, type TokenReason } from './token-refusals.ts';

const REASONS = Object.keys(TOKEN_REFUSALS) as TokenReason[];

describe('refusals of tokens', () => {
  it('have challenges that every client can read (RFC 6750 §3, RFC 9449 §7.1)', () => {
    const well =
      /^(?:Bearer realm="turnpike", error="invalid_token", error_description="[ !#-[\]-~]+"|DPoP realm="turnpike", error="(?:invalid_token|invalid_dpop_proof|use_dpop_nonce)", error_description="[ !#-[\]-~]+", algs="[A-Za-z0-9 ]+")$/;
    for (const reason of REASONS) assert.match(refusal(reason).challenge, well);
  });

  it('have reasons that can be labels of metrics, and all of them are listed', () => {
    assert.deepEqual(TOKEN_REASONS, [
      ...REASONS,
      'keys-unavailable',
      'introspection-unavailable',
      'replays-unavailable',
    ]);
    for (const reason of TOKEN_REASONS) assert.match(reason, /^[a-z]+(?:-[a-z]+)*$/);
  });
});
