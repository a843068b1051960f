import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, onSite, saying, until } from '../threads/fixture.ts';

const KEY = 'secret-of-someone-0123456789';
const consumers = { someone: { keys: [KEY], scopes: ['read'] } };
const withKey = { headers: { 'x-api-key': KEY } };

/** A policy, a request that it does not like (the second, where one is fine), and why it says so. */
const VERDICTS: readonly (readonly [policy: string, config: object, request: object, decision: string])[] = [
  ['ipAccess', { deny: ['127.0.0.0/8'] }, {}, 'denied'],
  ['ipAccess', { deny: ['127.0.0.0/8'], mode: 'report' }, {}, 'reported'],
  ['rateLimit', { limit: 1, per: '1h' }, {}, 'denied'],
  ['rateLimit', { limit: 1, per: '1h', mode: 'report' }, {}, 'reported'],
  ['limits', { bodyBytes: 4 }, { method: 'POST', body: 'too much' }, 'denied'],
  ['limits', { headerCount: 1 }, { headers: { a: '1', b: '2', c: '3' } }, 'denied'],
  ['authenticate', { with: 'consumers' }, {}, 'denied'],
  ['authenticate', { with: 'consumers' }, withKey, 'allowed'],
  ['authorize', { scopes: ['write'] }, withKey, 'denied'],
  ['authorize', { scopes: ['read'] }, withKey, 'allowed'],
  ['cors', { origins: ['https://a.example'] }, { headers: { origin: 'https://b.example' } }, 'denied'],
];

/** A route for each of them. */
const routes = Object.fromEntries(
  VERDICTS.map(([policy, config], i) => {
    const identity = policy === 'authorize' ? { authenticate: { with: 'consumers' } } : {};
    const policies = { ...identity, [policy]: config };
    return [`r${i}`, { match: { path: `/r${i}` }, policies, respond: { status: 200, body: 'ok' } }];
  }),
);

describe('the verdicts of policies', { timeout: 60_000 }, () => {
  it('are counted with a reason, unless they allow', async () => {
    await onSite(saying('', { routes, consumers, runtime: { threads: 1 } }), async (site) => {
      const gateway = await site.start();
      for (const [i, [policy, , request, decision]] of VERDICTS.entries()) {
        for (let n = 0; n < 2; n++) await ask(gateway.ports.get('web'), `/r${i}`, request);
        const series = new RegExp(
          `^turnpike_policy_decisions_total\\{route="r${i}",policy="${policy}",reason="([^"]*)",decision="${decision}"\\} [12]$`,
          'm',
        );
        let reason: string | undefined;
        await until(async () => {
          const { body } = await ask(gateway.adminPort, '/metrics');
          reason = series.exec(body)?.[1];
          return reason !== undefined;
        });
        assert.equal(reason === '', decision === 'allowed', `r${i}`);
      }
    });
  });
});
