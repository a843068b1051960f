import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { Log } from '../core/ports.ts';
import { refuse } from '../core/problem.ts';
import { headersOf } from '../core/headers.ts';
import { requestStory } from './request-story.ts';

function world() {
  const entries: { message: string; fields: Record<string, unknown> }[] = [];
  const never = (): void => assert.fail('only debug is used');
  const log: Log = {
    debug: (message, fields) => entries.push({ message, fields: { ...fields } }),
    info: never,
    warn: never,
    error: never,
  };
  return { entries, tell: requestStory(log, log) };
}

it('tells what refused a request, and nothing of what it carried', () => {
  const { entries, tell } = world();
  const exchange = exchangeFrom({ headers: headersOf(['Authorization', 'Bearer secret-token']) });
  refuse(exchange, 'UNAUTHENTICATED', { rule: 'authenticate', detail: 'The token has expired.' });
  tell(exchange);
  assert.equal(entries[0]?.message, 'a request was refused');
  const { code, rule, detail, requestId, route } = entries[0].fields;
  assert.deepEqual(
    { code, rule, detail, requestId, route },
    {
      code: 'UNAUTHENTICATED',
      rule: 'authenticate',
      detail: 'The token has expired.',
      requestId: 'r-1',
      route: 'orders',
    },
  );
  assert.doesNotMatch(JSON.stringify(entries), /secret-token/);
});

it('tells once of what broke, with its error', () => {
  const { entries, tell } = world();
  const exchange = exchangeFrom({}, { endpoint: '10.0.0.1:80' });
  refuse(exchange, 'CONNECT_FAILED');
  const error = new Error('cannot connect');
  exchange.refusal = { code: 'CONNECT_FAILED', rule: '', detail: '', error };
  tell(exchange);
  assert.deepEqual(
    entries.map(({ message }) => message),
    ['a request failed'],
  );
  const { code, endpoint, error: told } = entries[0]?.fields ?? {};
  assert.deepEqual([code, endpoint, told], ['CONNECT_FAILED', '10.0.0.1:80', error]);
});

it('tells of each attempt that was in vain, and why there was no other', () => {
  const { entries, tell } = world();
  const lost = {
    endpoint: '10.0.0.1:80',
    picked: 'random',
    outcome: 503,
    durationMs: 3,
    next: 'retry',
  } as const;
  tell(exchangeFrom({}, { lost: [lost, lost], unretried: 'budget' }));
  assert.deepEqual(
    entries.map(({ message, fields }) => [message, fields['outcome'] ?? fields['reason']]),
    [
      ['an attempt did not give the answer', 503],
      ['an attempt did not give the answer', 503],
      ['no other attempt was made', 'budget'],
    ],
  );
});

it('tells why the cache stood aside', () => {
  const { entries, tell } = world();
  const exchange = exchangeFrom({}, { cache: 'pass' });
  const headers = headersOf(['Cache-Status', 'turnpike; fwd=bypass; detail=condition']);
  exchange.reply = { status: 200, headers, body: null, code: '', tunnel: null };
  tell(exchange);
  assert.equal(entries[0]?.fields['cacheStatus'], 'turnpike; fwd=bypass; detail=condition');
});

it('has nothing to tell of most', () => {
  const { entries, tell } = world();
  tell(exchangeFrom());
  assert.deepEqual(entries, []);
});
