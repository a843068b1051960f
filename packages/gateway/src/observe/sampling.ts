import type { Exchange } from '../core/exchange.ts';

/** Which share of such exchanges is written, or 0: this one is not. */
export type Sample = (exchange: Exchange, durationMs: number) => number;

/** Which exchanges are written in any case, and how many of the others. */
export interface SampleRule {
  /** 0..1. */
  readonly sampleRate: number;
  readonly slowMs: number;
}

/**
 * Keeps all errors and all that was slow, and a share of the rest; null: everything is kept.
 *
 * The share is chosen by the id of the request alone, so that all threads, and all gateways that a request passes, keep the same.
 * A connection that was meant to stay open, such as a WebSocket, is not slow because it did.
 */
export function sampling({ sampleRate, slowMs }: SampleRule): Sample | null {
  if (sampleRate >= 1) return null;
  const most = sampleRate * 2 ** 32;
  return (exchange, durationMs) => {
    const { record } = exchange;
    if (record.status >= 500 || record.code !== '' || SERVER_FAULTS.has(record.grpcStatus)) return 1;
    if (durationMs >= slowMs && record.closed === '') return 1;
    return hashOf(exchange.id) < most ? sampleRate : 0;
  };
}

/** Codes of gRPC that say that the service failed: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([2, 4, 13, 14, 15]);

/** FNV-1a with the last step of MurmurHash3, because ids that count differ in few bits: 0..2^32. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
