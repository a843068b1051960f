import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import type { Body } from '../../core/body.ts';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import { Headers } from '../../core/headers.ts';
import type { Reply } from '../../core/exchange.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { limitBody } from './limit-body.ts';

const PASSED: Reply = { status: 204, headers: new Headers(), body: null, code: '', tunnel: null };
const ARRIVAL = {
  listener: 'web',
  scheme: 'http',
  port: 80,
  bodyBytes: 1000,
  forwardedClientCert: false,
  forwardsClientCert: false,
} as const;

/** Sends a body, and reads what goes on of it: `passed` or why not, the bytes, and what was counted. */
async function send(bodyBytes: number | null, limitsMode: 'on' | 'report', body: Body): Promise<string> {
  const { decisions, take } = countedDecisions();
  const exchange = exchangeFrom({ body, arrival: ARRIVAL });
  const stage = limitBody({ bodyBytes, limitsMode }, { decisions });
  const reply = await stage(() => Promise.resolve(PASSED))(exchange);
  if (reply !== PASSED) {
    const { rule = 'no rule' } = JSON.parse(String(reply.body)) as { rule?: string };
    return [`${reply.status} ${reply.code} ${rule}`, ...take()].join(': ');
  }
  if (typeof exchange.body === 'string' || exchange.body === null) return ['passed', ...take()].join(': ');
  const sink = new CollectedBody();
  exchange.body.readTo(sink);
  const ending = await sink.ended;
  const end = ending instanceof GatewayError ? `${ending.code} ${ending.rule || 'no rule'}` : ending;
  return [`${sink.bytes.length} bytes, ${end}`, ...take()].join(': ');
}

function streamOf(...sizes: readonly number[]): BodyOfReads {
  return new BodyOfReads(...sizes.map((size) => [Buffer.alloc(size)]));
}

describe('limitBody', () => {
  it('holds small bodies to the limit of the listener, or of the route', async () => {
    assert.equal(await send(null, 'on', null), 'passed');
    assert.equal(await send(null, 'on', 'x'.repeat(1000)), 'passed');
    assert.equal(await send(null, 'on', 'x'.repeat(1001)), '413 BODY_TOO_LARGE no rule');
    const denied = '413 BODY_TOO_LARGE limits.bodyBytes: limits denied bodyBytes';
    assert.equal(await send(10, 'on', 'x'.repeat(10)), 'passed');
    assert.equal(await send(10, 'on', 'x'.repeat(11)), denied);
    assert.equal(await send(2000, 'on', 'x'.repeat(2000)), 'passed');
  });

  it('holds streams to it, and cuts them before the byte goes on that is too much', async () => {
    assert.equal(await send(null, 'on', streamOf(500, 500)), '1000 bytes, end');
    assert.equal(await send(null, 'on', streamOf(500, 501)), '500 bytes, BODY_TOO_LARGE no rule');
    assert.equal(await send(10, 'on', streamOf(5, 5)), '10 bytes, end');
    const cut = '5 bytes, BODY_TOO_LARGE limits.bodyBytes: limits denied bodyBytes';
    assert.equal(await send(10, 'on', streamOf(5, 6, 5)), cut);
  });

  it('refuses a stream that says that it is too long, before it reads it', async () => {
    const body = Object.assign(streamOf(11), { length: 11 });
    assert.match(await send(10, 'on', body), /^413 BODY_TOO_LARGE/);
    assert.equal(body.left, 1);
  });

  it('only counts in report mode, and the listener still has its limit', async () => {
    const reported = 'limits reported bodyBytes';
    assert.equal(await send(10, 'report', 'x'.repeat(10)), 'passed');
    assert.equal(await send(10, 'report', 'x'.repeat(11)), `passed: ${reported}`);
    assert.equal(await send(10, 'report', streamOf(5, 6, 5)), `16 bytes, end: ${reported}`);
    assert.equal(await send(10, 'report', 'x'.repeat(1001)), `413 BODY_TOO_LARGE no rule: ${reported}`);
    const cut = `500 bytes, BODY_TOO_LARGE no rule: ${reported}`;
    assert.equal(await send(10, 'report', streamOf(500, 501)), cut);
    assert.equal(await send(2000, 'report', 'x'.repeat(1500)), '413 BODY_TOO_LARGE no rule');
  });
});
