import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PoliciesConfig } from '@turnpike/config';
import { countedDecisions } from '../../core/decisions-testing.ts';
import type { Reply } from '../../core/exchange.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { limitHead } from './limit-head.ts';

const PASSED: Reply = { status: 204, headers: new Headers(), body: null, code: '', tunnel: null };

type HeadLimits = Pick<PoliciesConfig, 'headerCount' | 'queryCount' | 'limitsMode'>;

/** `passed`, or what the refusal says; with what was counted. */
async function ask(limits: Partial<HeadLimits>, headerCount: number, query: string): Promise<string> {
  const { decisions, take } = countedDecisions();
  const stage = limitHead(
    { headerCount: null, queryCount: null, limitsMode: 'on', ...limits },
    { decisions },
  );
  const headers = headersOf(...Array.from({ length: headerCount }, (_, i) => [`X-${i}`, ''] as const));
  const reply = await stage?.(() => Promise.resolve(PASSED))(exchangeFrom({ headers, query }));
  assert.ok(reply !== undefined);
  if (reply === PASSED) return ['passed', ...take()].join(': ');
  const { code, rule } = JSON.parse(String(reply.body)) as { code: string; rule: string };
  return [`${reply.status} ${code} ${rule}`, ...take()].join(': ');
}

describe('limitHead', () => {
  it('is no stage without limits of its own', () => {
    const limits = { headerCount: null, queryCount: null, limitsMode: 'on' } as const;
    assert.equal(limitHead(limits, { decisions: () => assert.fail() }), null);
  });

  it('refuses more header fields than the route takes', async () => {
    assert.equal(await ask({ headerCount: 3 }, 3, '?a&b&c&d'), 'passed');
    const refused = '431 HEAD_TOO_LARGE limits.headerCount: limits denied headerCount';
    assert.equal(await ask({ headerCount: 3 }, 4, ''), refused);
  });

  it('refuses more query parameters than the route takes', async () => {
    const refused = '400 INVALID_REQUEST limits.queryCount: limits denied queryCount';
    assert.equal(await ask({ queryCount: 2 }, 9, '?a=1&b=2'), 'passed');
    assert.equal(await ask({ queryCount: 2 }, 0, '?a=1&b=2&a=3'), refused);
    assert.equal(await ask({ queryCount: 0 }, 0, ''), 'passed');
    assert.equal(await ask({ queryCount: 0 }, 0, '?a'), refused);
  });

  it('only counts in report mode', async () => {
    const limits = { headerCount: 3, queryCount: 2, limitsMode: 'report' } as const;
    assert.equal(await ask(limits, 4, '?a&b&c'), 'passed: limits reported headerCount');
    assert.equal(await ask(limits, 3, '?a&b&c'), 'passed: limits reported queryCount');
    assert.equal(await ask(limits, 3, '?a&b'), 'passed');
  });
});
