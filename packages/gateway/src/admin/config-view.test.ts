import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { configView } from './config-view.ts';

it('shows a configuration without tokens, and without secrets wherever they stand', () => {
  const { config } = readConfig([
    plainSource('a.yaml', {
      listeners: { web: { address: '127.0.0.1:0' } },
      admin: { tokens: [{ token: 'plain-token', role: 'viewer' }] },
      routes: { a: { match: { path: '/a' }, respond: { status: 200, body: 'say "hunter2"' } } },
    }),
  ]);
  assert.ok(config);
  const view = JSON.stringify(configView(config, (text) => text.replaceAll('"hunter2"', '***')));
  assert.doesNotMatch(view, /plain-token|hunter2/);
  assert.match(view, /say \*\*\*/);
  assert.match(view, /"role":"viewer"/);
});
