import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compressText, transformText } from './message-texts.ts';

it('says what is compressed', () => {
  const config = { mode: 'on', codings: ['br', 'gzip'], minBytes: 1024, types: ['text/*'] } as const;
  assert.equal(compressText(config), 'compresses replies from 1KiB on by br, gzip');
});

it('says what changes', () => {
  const none = { set: [], add: [], remove: [] };
  const headers = { set: [['x-user', '{host}']], add: [], remove: ['cookie', 'x-a'] } as const;
  const query = { set: [['v', '2']], remove: ['debug'] } as const;
  assert.equal(
    transformText({
      mode: 'report',
      request: { headers, query },
      response: { headers: { ...none, remove: ['server'] } },
    }),
    'requests: sets x-user, removes cookie and x-a, sets ?v, removes ?debug; responses: removes server (only reports)',
  );
  const quiet = { request: { headers: none, query: { set: [], remove: [] } }, response: { headers: none } };
  assert.equal(transformText({ mode: 'on', ...quiet }), '');
});
