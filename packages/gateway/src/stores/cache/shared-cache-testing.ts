/** For tests: caches over one memory as several threads have them, and what they give out. */
import assert from 'node:assert/strict';
import { manualClock } from '@turnpike/testkit';
import type { Body } from '../../core/body.ts';
import { CollectedBody } from '../../core/body-testing.ts';
import type { Fill, FillPlan, OngoingFill, StoredResponse } from '../../core/cache-memory.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheArea } from './area.ts';
import { CacheDesk } from './cache-desk.ts';
import { SharedCache } from './shared-cache.ts';

export const SEATS = 3;

/** A memory of so many bytes, and caches of two threads. What they decode is noted. */
export function rig(bytes = 1024 * 1024) {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const buffer = CacheArea.allocate(bytes, SEATS);
  const decoded: string[] = [];
  const decodeHead = (head: string): string => {
    decoded.push(head);
    return head;
  };
  const open = (seat: number) => new SharedCache<string>(buffer, { seat, decodeHead, clock, wheel });
  const pass = (ms: number): void => {
    clock.advance(ms);
    wheel.advance();
  };
  const desk = new CacheDesk(buffer, clock);
  return { buffer, decoded, open, pass, desk, clock, wheel, a: open(0), b: open(1) };
}

export type Rig = ReturnType<typeof rig>;

export function planOf(head: string, length: number, ...tags: readonly string[]): FillPlan {
  return { head, length, tags, maxBytes: 1e9 };
}

/** Bytes that tell their place, and differ by `seed`. */
export function bytesOf(length: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed * 131) & 255;
  return bytes;
}

/** Stores something whole. False: the memory would not. */
export function store(
  cache: SharedCache<string>,
  key: string,
  body: Buffer,
  ...tags: readonly string[]
): boolean {
  const fill = cache.begin(key);
  if (fill === null || !fill.open(planOf(`head of ${key}`, body.length, ...tags))) return false;
  if (body.length > 0 && !fill.write(body)) return false;
  fill.commit();
  return true;
}

export function found(cache: SharedCache<string>, key: string): StoredResponse<string> {
  const response = cache.find(key);
  assert.ok(response?.kind === 'stored', `${key}: ${response?.kind ?? 'nothing'}`);
  return response;
}

export function ongoing(cache: SharedCache<string>, key: string): OngoingFill {
  const fill = cache.find(key);
  assert.ok(fill?.kind === 'filling', `${key}: ${fill?.kind ?? 'nothing'}`);
  return fill;
}

export function begun(cache: SharedCache<string>, key: string): Fill<string> {
  const fill = cache.begin(key);
  assert.ok(fill !== null, `${key} cannot be begun`);
  return fill;
}

/** All of a body that is there already, or what `CollectedBody` makes of the rest. */
export function collect(body: Body): CollectedBody {
  const collected = new CollectedBody();
  if (body === null || typeof body === 'string') {
    if (body !== null) collected.write(Buffer.from(body, 'latin1'));
    collected.end(null);
  } else {
    body.readTo(collected);
  }
  return collected;
}

/** The bytes of something that is complete. */
export function bodyOf(response: StoredResponse<string>): Buffer {
  return collect(response.body(0, response.length)).bytes;
}
