// A thread for redis-leases.test.ts: does to a few keys whatever can be done, at the same time as all the others.
import { workerData } from 'node:worker_threads';
import { random } from '../../core/random.ts';
import { RedisLeases } from './redis-leases.ts';

/** What the thread is to do, and where it notes how many units came from where. */
export interface Scramble {
  readonly leases: SharedArrayBuffer;
  readonly seed: number;
  readonly steps: number;
  readonly keys: number;
  /** Int32: units that were granted, and units that came out again, for each key. */
  readonly balance: SharedArrayBuffer;
}

/** Granted and come out, for each key. */
export function balanceOf(balance: SharedArrayBuffer): { granted: number; out: number }[] {
  const words = new Int32Array(balance);
  return Array.from({ length: words.length / 2 }, (_, i) => ({
    granted: words[2 * i] ?? 0,
    out: words[2 * i + 1] ?? 0,
  }));
}

function run({ leases: buffer, seed, steps, keys, balance }: Scramble): void {
  const leases = new RedisLeases(buffer);
  const words = new Int32Array(balance);
  const dice = random(seed);
  const ids = Array.from({ length: keys }, (_, i) => leases.keyOf(`key ${i}`));
  for (let step = 0; step < steps; step++) {
    const i = dice.below(keys);
    const key = ids[i] ?? new Int32Array(4);
    // Leases end every now and then, and places become free.
    const nowMs = 1e12 + Math.floor(step / 100) * 30;
    const place = leases.settle(key, nowMs);
    if (place < 0) continue;
    const grant = () => {
      Atomics.add(words, 2 * i, 10);
      return leases.grant(place, key, 10, nowMs);
    };
    const draw = () => (leases.draw(place, key, 3, nowMs) < 0 ? 0 : 3);
    const drawAndPutBack = () => (draw() === 0 || leases.putBack(place, key, 3, nowMs) ? 0 : 3);
    const ways = [grant, draw, draw, drawAndPutBack, () => leases.reclaim(place, key, nowMs)];
    Atomics.add(words, 2 * i + 1, ways[dice.below(ways.length)]?.() ?? 0);
  }
}

const scramble: Scramble | null = workerData;
if (scramble !== null) run(scramble);
