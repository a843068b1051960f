import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { requestIds } from '../core/request-ids.ts';
import { sampling } from './sampling.ts';

const tenth = sampling({ sampleRate: 0.1, slowMs: 1000 }) ?? assert.fail();
const none = sampling({ sampleRate: 0, slowMs: 1000 }) ?? assert.fail();

describe('sampling', () => {
  it('is nothing where everything is kept', () => assert.equal(sampling({ sampleRate: 1, slowMs: 1 }), null));

  it('keeps its share of ids that count, and of any others', () => {
    const counting = requestIds();
    const ids = [() => counting(), () => crypto.randomUUID()];
    for (const id of ids) {
      const kept = Array.from({ length: 20_000 }, () => tenth(exchangeFrom({ id: id() }), 1)).filter(Boolean);
      assert.ok(kept.length > 1700 && kept.length < 2300, String(kept.length));
      assert.ok(kept.every((rate) => rate === 0.1));
    }
  });

  it('keeps the same requests everywhere, and with a larger share those and more', () => {
    const third = sampling({ sampleRate: 0.3, slowMs: 1000 }) ?? assert.fail();
    const again = sampling({ sampleRate: 0.1, slowMs: 5 }) ?? assert.fail();
    for (let i = 0; i < 2000; i++) {
      const exchange = exchangeFrom({ id: `request-${i}` });
      const isKept = tenth(exchange, 1) > 0;
      assert.equal(again(exchange, 1) > 0, isKept);
      if (isKept) assert.ok(third(exchange, 1) > 0);
    }
  });

  const kept = [
    ['a status from 500 on', { status: 503 }],
    ['an answer that is ours', { status: 429, code: 'RATE_LIMITED' }],
    ['a gRPC call that failed', { status: 200, grpcStatus: 13 }],
  ] as const;
  for (const [what, record] of kept) {
    it(`always keeps ${what}`, () => assert.equal(none(exchangeFrom({}, record), 1), 1));
  }

  const others = [
    ['an answer of the service that blames the client', { status: 404 }],
    ['a gRPC call that says NOT_FOUND', { status: 200, grpcStatus: 5 }],
  ] as const;
  for (const [what, record] of others) {
    it(`does not always keep ${what}`, () => assert.equal(none(exchangeFrom({}, record), 1), 0));
  }

  it('always keeps what was slow, but for connections that are meant to last', () => {
    assert.equal(none(exchangeFrom(), 999.9), 0);
    assert.equal(none(exchangeFrom(), 1000), 1);
    assert.equal(none(exchangeFrom({}, { status: 101, closed: 'client' }), 60_000), 0);
  });
});
