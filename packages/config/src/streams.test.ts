import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from './config.ts';

function policiesOf(policies: object, defaults: object = {}) {
  const { config, issues } = readConfig([
    plainSource('a.yaml', {
      services: { s: { endpoints: ['http://a'] } },
      defaults: { policies: defaults },
      routes: { r: { service: 's', upgrade: ['websocket'], policies } },
    }),
  ]);
  assert.deepEqual(issues, []);
  return config?.routes[0]?.policies;
}

it('has careful defaults for WebSockets, once a route has the policy', () => {
  assert.equal(policiesOf({})?.websocket, null);
  assert.deepEqual(policiesOf({ websocket: {} })?.websocket, {
    origins: null,
    subprotocols: null,
    idleTimeoutMs: 300_000,
    lifetimeMs: null,
    pingMs: 30_000,
    maxMessageBytes: 1_048_576,
    messages: null,
    closeOnExpiry: true,
  });
});

it('knows no bound where one is off, and takes the policy of the defaults', () => {
  const off = { idleTimeout: 'off', ping: 'off', maxMessageBytes: 'off', lifetime: '1h' };
  const defaults = { websocket: { ...off, messages: { limit: 5, per: '1s' } } };
  assert.deepEqual(policiesOf({}, defaults)?.websocket, {
    origins: null,
    subprotocols: null,
    idleTimeoutMs: null,
    lifetimeMs: 3_600_000,
    pingMs: null,
    maxMessageBytes: null,
    messages: { limit: 5, perMs: 1000 },
    closeOnExpiry: true,
  });
  assert.equal(policiesOf({ websocket: 'off' }, defaults)?.websocket, null);
});

it('reads how streams of events are kept alive', () => {
  const { eventStream } = policiesOf({ eventStream: { heartbeat: '15s', idleTimeout: '1m' } }) ?? {};
  assert.deepEqual(eventStream, { heartbeatMs: 15_000, idleTimeoutMs: 60_000 });
});
