import type { Exchange } from '../core/exchange.ts';
import { callerKey } from './caller-key.ts';
import { KeyHash } from './key-hash.ts';

/**
 * Where a caller stands among all, from 0 up to, but not including, 1; another hour, another order.
 *
 * Without a secret, so that all gateways agree: who is let in by one is not sent away by the next.
 */
export function favour(caller: Exchange, epochMs: number): number {
  HASH.of(Math.floor(epochMs / HOUR_MS), callerKey(caller));
  return (HASH.first & (STEPS - 1)) / STEPS;
}

const HASH = new KeyHash(0);
const HOUR_MS = 3_600_000;
const STEPS = 128;
