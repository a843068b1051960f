import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutAcmeServer } from '../../../testkit/src/acme-server.ts';
import { acmeWorld, met, untilMet } from './fixture.ts';

describe('a certificate that is fetched', { skip: withoutAcmeServer() }, () => {
  for (const challenge of ['http-01', 'tls-alpn-01']) {
    it(`comes by ${challenge}, though the authority refuses half of the nonces`, async (t) => {
      const { fetch, tlsPort, authority, plane } = await acmeWorld(t, { refusedNonces: 50 });
      await fetch({ domains: ['a.test', 'b.test'], email: 'ops@a.test', challenge });
      assert.equal(await met(t, tlsPort, 'a.test'), 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
      assert.deepEqual(await met(t, tlsPort, 'other.test'), ['other.test']);
      await untilMet(t, tlsPort, ['a.test', 'b.test']);
      assert.deepEqual(await met(t, tlsPort, 'unknown.test'), ['a.test', 'b.test']);
      assert.ok(authority.said(/reject|nonce/i).length > 0, 'nonces were refused');
      assert.match(plane.metrics(), /result="no-certificate"\} [1-9]/);
    });
  }
});
