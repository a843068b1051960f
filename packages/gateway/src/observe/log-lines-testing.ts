import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { Exchange, LostAttempt } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import { callerOf } from '../core/identity-testing.ts';
import type { OwnField } from './own-fields.ts';

/** For tests: what comes over the wire, a byte in each character. */
export const wireText = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength });

/** For tests: any text of JavaScript, lone surrogates too. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

/** For tests: exchanges with the worst that anybody may send. */
export const hostileExchange: fc.Arbitrary<Exchange> = fc
  .record({
    wire: fc.record({ id: wireText(300), method: wireText(100), host: wireText(600), path: wireText(5000) }),
    userAgent: wireText(1000),
    referer: wireText(1000),
    name: anyText,
    subject: anyText,
  })
  .map(({ wire, userAgent, referer, name, subject }) => {
    const exchange = exchangeFrom(
      {
        ...wire,
        fromTrustedProxy: true,
        headers: headersOf(['user-agent', userAgent], ['referer', referer]),
      },
      { route: name, service: name.repeat(30), endpoint: name },
    );
    exchange.identity = callerOf({ subject, consumer: subject });
    return exchange;
  });

/** For tests: an exchange of which everything is known, as long as it can be and made of characters that have to be escaped. */
export function utmostExchange(): Exchange {
  const worst = '\u0001'.repeat(10_000);
  const exchange = exchangeFrom(
    {
      // Nobody else gives a request its name.
      fromTrustedProxy: true,
      id: worst,
      method: worst,
      host: worst,
      path: worst,
      client: { address: worst, family: 'ipv6', port: 1 },
      headers: headersOf(['user-agent', worst], ['referer', worst]),
    },
    { route: worst, service: worst, endpoint: worst, code: 'BODY_NOT_ALLOWED', upstreamMs: 1e15 },
  );
  const attempt = { endpoint: worst, picked: 'least-request', outcome: 'COUNTERS_UNAVAILABLE' } as const;
  const lost: LostAttempt[] = Array.from({ length: 16 }, () => ({
    ...attempt,
    durationMs: 1e15,
    next: 'unsent',
  }));
  Object.assign(exchange.record, {
    requestBytes: Number.MAX_SAFE_INTEGER,
    responseBytes: Number.MAX_SAFE_INTEGER,
    picked: 'least-request',
    unretried: 'attempts',
    hedge: 'refused',
    grpcStatus: 16,
    cache: 'stale',
    operation: worst,
    closed: 'lifetime',
    closeCode: 4999,
    fallbackFor: 'COUNTERS_UNAVAILABLE',
    lost,
  });
  exchange.identity = callerOf({ subject: worst, consumer: worst });
  exchange.operation = { type: 'subscription', name: worst, cost: 1e9, depth: 50 };
  return exchange;
}

/** For tests: as many fields as a log may add, with the longest names, each with that value. */
export function manyFields(value: string): readonly OwnField[] {
  const names = Array.from({ length: 16 }, (_, i) => `${'n'.repeat(30)}${String(i).padStart(2, '0')}`);
  return names.map((name) => ({ name, read: () => value }));
}
