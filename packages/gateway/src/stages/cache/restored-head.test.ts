import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Headers } from '../../core/headers.ts';
import { decodeHead, encodeHead, type ResponseHead } from './cached-head.ts';
import { restoredHead, type Restoring } from './restored-head.ts';

const NOW_MS = 1_800_000_000_000;

function head(fields: readonly (readonly [string, string])[], ageMs: number, staleMs = 0): ResponseHead {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  return {
    kind: 'response',
    status: 200,
    headers,
    freshness: {
      bornAtMs: NOW_MS - ageMs,
      lifetimeMs: 60_000,
      source: 'max-age',
      validation: 'usual',
      staleWhileRevalidateMs: staleMs,
      staleIfErrorMs: 0,
    },
    answeredAtMs: NOW_MS - ageMs,
    fetchMs: 5,
  };
}

function restored(before: ResponseHead, how: Partial<Restoring> = {}): ResponseHead | null {
  const all: Restoring = { nowMs: NOW_MS, trust: 'as-it-was', isSoftPurged: false, ...how };
  const text = restoredHead(encodeHead(before), all);
  if (text === null) return null;
  const after = decodeHead(text);
  assert.ok(after.kind === 'response');
  return after;
}

const TAGGED = [['ETag', '"a"']] as const;
const DATED = [['Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT']] as const;

describe('the head of a response that comes back', () => {
  it('is as it was while it is fresh, and counts the time between', () => {
    assert.equal(restored(head([], 59_000))?.freshness.bornAtMs, NOW_MS - 59_000);
    assert.equal(restored(head([], 59_000))?.freshness.lifetimeMs, 60_000);
  });

  it('is gone when it is of no use any more, and stays while it can be asked for or stand in', () => {
    assert.equal(restored(head([], 60_000)), null);
    assert.notEqual(restored(head([], 60_000, 1000)), null);
    assert.notEqual(restored(head(TAGGED, 600_000)), null);
    assert.notEqual(restored(head(DATED, 600_000)), null);
  });

  it('has to be asked for first when purges may have been missed, and is gone if nobody could ask', () => {
    const how = { trust: 'ask-first' } as const;
    assert.equal(restored(head(TAGGED, 0), how)?.freshness.validation, 'always');
    assert.equal(restored(head(DATED, 0), how)?.freshness.validation, 'always');
    assert.equal(restored(head([], 0), how), null);
  });

  it('has to be asked for first when it comes from the future: one of the clocks was wrong', () => {
    assert.equal(restored(head(TAGGED, -1))?.freshness.validation, 'always');
    assert.equal(restored(head([], -1)), null);
  });

  it('is stale when it was purged softly', () => {
    assert.equal(restored(head(TAGGED, 10_000), { isSoftPurged: true })?.freshness.lifetimeMs, 10_000);
  });

  it('is none of what is only a note that nobody should wait, or of what makes no sense', () => {
    const how: Restoring = { nowMs: NOW_MS, trust: 'as-it-was', isSoftPurged: false };
    for (const text of [encodeHead({ kind: 'pass', untilMs: NOW_MS + 1 }), '', 'R', 'R 1 2 3', 'V?', '\0'])
      assert.equal(restoredHead(text, how), null, JSON.stringify(text));
  });

  it('of variants says the same', () => {
    const text = encodeHead({ kind: 'variants', ways: [{ names: ['accept'], whose: 'caller' }], tagged: [] });
    assert.equal(restoredHead(text, { nowMs: NOW_MS, trust: 'ask-first', isSoftPurged: true }), text);
  });
});
