import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SplitConfig, StickyConfig } from '@turnpike/config';
import { problem } from '../../core/problem.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { ExchangeFields, Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { split } from './split.ts';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const STICKY: StickyConfig = { kind: 'sticky', cookie: 'side', secret: null, lifetimeMs: 0 };

interface Plan {
  readonly weights?: Readonly<Record<string, number>>;
  readonly sticky?: StickyConfig | null;
  readonly override?: string | null;
  readonly route?: string;
  readonly key?: Uint8Array;
  readonly reply?: () => Reply;
}

const answered = (): Reply => ({ status: 200, headers: new Headers(), body: null, code: '', tunnel: null });

function rig({ weights = { a: 90, b: 10 }, sticky = null, override = null, ...plan }: Plan = {}) {
  const sides = Object.entries(weights).map(([service, weight]) => ({ service, weight }));
  const config: SplitConfig = { kind: 'split', sides, sticky, override };
  const handle = split(config, plan.route ?? 'shop', {
    towards: () => async () => (plan.reply ?? answered)(),
    random: random(7),
    stickyKey: plan.key ?? KEY,
  });
  return async (fields: Partial<ExchangeFields> = {}) => {
    const exchange = exchangeFrom(fields);
    const { headers } = await handle(exchange);
    const setCookie = headers.get('set-cookie');
    return { side: exchange.record.service, setCookie, cookie: setCookie?.split(';')[0] ?? '' };
  };
}

async function spread(ask: ReturnType<typeof rig>, count: number): Promise<Map<string, number>> {
  const sides = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const { side } = await ask();
    sides.set(side, (sides.get(side) ?? 0) + 1);
  }
  return sides;
}

const withCookie = (cookie: string) => ({ headers: headersOf(['Cookie', `a=b; ${cookie}`]) });

/** A cookie of the rarer side. */
async function cookieOf(side: string, plan: Plan = {}): Promise<string> {
  const ask = rig({ sticky: STICKY, ...plan });
  for (;;) {
    const found = await ask();
    if (found.side === side) return found.cookie;
  }
}

describe('a split', () => {
  it('gives each side its share', async () => {
    const sides = await spread(rig({ weights: { a: 900, b: 99, c: 1, d: 0 } }), 100_000);
    const within = (side: string, least: number, most: number): void => {
      const count = sides.get(side) ?? 0;
      assert.ok(count >= least && count <= most, `${side}: ${count}`);
    };
    within('a', 89_500, 90_500);
    within('b', 9500, 10_300);
    within('c', 60, 140);
    within('d', 0, 0);
  });

  it('takes a side that a trusted proxy names, also one without a weight', async () => {
    const ask = rig({ weights: { a: 100, b: 0 }, override: 'x-side', sticky: STICKY });
    const headers = () => headersOf(['X-Side', 'b']);
    assert.deepEqual(await ask({ headers: headers(), fromTrustedProxy: true }), {
      side: 'b',
      setCookie: undefined,
      cookie: '',
    });
    assert.equal((await ask({ headers: headers() })).side, 'a');
    const unknown = { headers: headersOf(['X-Side', 'c']), fromTrustedProxy: true };
    assert.equal((await ask(unknown)).side, 'a');
  });

  it('without stickiness sets no cookie and believes none', async () => {
    const ask = rig({ weights: { a: 100, b: 0 } });
    const { setCookie, side } = await ask(withCookie(await cookieOf('b')));
    assert.deepEqual([setCookie, side], [undefined, 'a']);
  });
});

describe('a sticky split', () => {
  it('keeps a caller on its side', async () => {
    for (const side of ['a', 'b']) {
      const cookie = await cookieOf(side);
      const ask = rig({ sticky: STICKY });
      for (let i = 0; i < 100; i++)
        assert.deepEqual(await ask(withCookie(cookie)), { side, setCookie: undefined, cookie: '' });
    }
  });

  it('keeps it there when weights change, unless its side has none any more', async () => {
    const cookie = await cookieOf('b');
    const less = rig({ weights: { a: 999, b: 1, c: 1 }, sticky: STICKY });
    for (let i = 0; i < 100; i++) assert.equal((await less(withCookie(cookie))).side, 'b');
    const gone = rig({ weights: { a: 1, b: 0 }, sticky: STICKY });
    const moved = await gone(withCookie(cookie));
    assert.equal(moved.side, 'a');
    assert.notEqual(moved.cookie, '');
    assert.equal((await rig({ weights: { a: 1, c: 0 }, sticky: STICKY })(withCookie(cookie))).side, 'a');
  });

  it('does not believe a cookie of another key, route or name, or a forged one', async () => {
    const cookie = await cookieOf('b', { route: 'other' });
    const others = [
      cookie,
      await cookieOf('b', { key: Buffer.alloc(32) }),
      (await cookieOf('b')).replace('side', 'Side'),
      `${(await cookieOf('b')).slice(0, -1)}!`,
      'side=b',
      'side=',
    ];
    const ask = rig({ weights: { a: 1_000_000, b: 1 }, sticky: STICKY });
    for (const other of others) assert.equal((await ask(withCookie(other))).side, 'a', other);
  });

  it('has a cookie for browsers only, that names no service', async () => {
    const ask = rig({ weights: { canary: 1, other: 0 }, sticky: { ...STICKY, lifetimeMs: 86_400_000 } });
    assert.match(
      (await ask()).setCookie ?? '',
      /^side=[\w-]{8}\.[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=86400; Secure$/,
    );
    const plain = rig({ sticky: { ...STICKY, secret: 'x'.repeat(32) } });
    const arrival = { ...exchangeFrom().arrival, scheme: 'http' } as const;
    assert.match((await plain({ arrival })).setCookie ?? '', /; SameSite=Lax$/);
  });

  it('binds nobody to a side that could not answer', async () => {
    const ask = rig({ sticky: STICKY, reply: () => problem('BREAKER_OPEN', 'r') });
    assert.equal((await ask()).setCookie, undefined);
  });

  it('does not write into a reply that others have', async () => {
    const shared = answered();
    const ask = rig({ sticky: STICKY, reply: () => shared });
    await ask();
    assert.equal(shared.headers.size, 0);
  });
});
