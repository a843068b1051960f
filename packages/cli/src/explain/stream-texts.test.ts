import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { stagesOf } from './stages.ts';

function textsOf(route: object): readonly string[] {
  const { config, issues } = readConfig([
    plainSource('a.yaml', {
      services: { s: { endpoints: ['http://a'] } },
      routes: { r: { service: 's', ...route } },
    }),
  ]);
  const [first] = config?.routes ?? [];
  assert.ok(first, issues[0]?.message ?? '');
  return stagesOf(first, undefined)
    .filter(({ name }) => ['websocket', 'event-stream'].includes(name))
    .map(({ about }) => about);
}

it('tells what may go through a WebSocket, and when it ends', () => {
  assert.deepEqual(textsOf({}), []);
  assert.deepEqual(textsOf({ upgrade: ['websocket'] }), ['lets connections switch to WebSocket']);
  const websocket = { origins: ['https://a.example'], messages: { limit: 5, per: '1s' }, lifetime: '1h' };
  assert.deepEqual(textsOf({ upgrade: ['websocket'], policies: { websocket } }), [
    'lets connections switch to WebSocket: for pages of https://a.example, messages of at most 1MiB, 5 messages in 1s, ' +
      'pings after 30s, ends when idle for 5m, ends after 1h, ends with the credentials',
  ]);
});

it('tells how streams of events are kept alive', () => {
  assert.deepEqual(textsOf({ policies: { eventStream: { heartbeat: '15s', idleTimeout: '45s' } } }), [
    'keeps streams of events alive every 15s, ends streams of events when the service is silent for 45s',
  ]);
});
