import type { Random } from '../core/random.ts';
import type { AcmeClient } from './acme-client.ts';
import { asObject } from './acme-failure.ts';
import type { Validity } from './certificate-facts.ts';

/** When an authority suggests to renew, and when to ask it again; in milliseconds since 1970. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly askAgainMs: number;
}

const HOUR_MS = 3_600_000;
/** RFC 9773 §4.3.3: what is sensible where the authority does not say. */
const ASK_AGAIN_MS = 6 * HOUR_MS;
const SOONEST_MS = 60_000;

/**
 * When a certificate is renewed by its age: after two thirds of its life, or up to a thirtieth of it before, so that gateways
 * that began together do not all order together.
 */
export function renewalByAge({ fromMs, toMs }: Validity, random: Random): number {
  const lifeMs = toMs - fromMs;
  return fromMs + (lifeMs * 2) / 3 - (lifeMs / 30) * random.unit();
}

/**
 * A moment of the window that the authority suggests, any as good as another (RFC 9773 §4.2). It must leave a tenth of
 * the certificate's life: whatever an authority suggests, no certificate runs out for it.
 */
export function renewalIn(
  { startMs, endMs }: RenewalWindow,
  { fromMs, toMs }: Validity,
  random: Random,
): number {
  const wantedMs = startMs + Math.max(0, endMs - startMs) * random.unit();
  return Math.min(wantedMs, toMs - (toMs - fromMs) / 10);
}

/** What the authority suggests for a certificate; null: it offers nothing, or nothing that can be read. */
export async function suggestedWindow(
  client: AcmeClient,
  id: string,
  nowMs: number,
): Promise<RenewalWindow | null> {
  const { renewalInfo } = await client.directory;
  if (renewalInfo === null) return null;
  const { json, headers } = await client.get(`${renewalInfo.replace(/\/$/, '')}/${id}`);
  const { start, end } = asObject(json['suggestedWindow']);
  const [startMs, endMs] = [start, end].map((one) =>
    typeof one === 'string' ? Date.parse(one) : Number.NaN,
  );
  if (startMs === undefined || endMs === undefined || !(startMs <= endMs)) return null;
  const pauseMs = client.retryAfterMs(headers) || ASK_AGAIN_MS;
  return { startMs, endMs, askAgainMs: nowMs + Math.max(SOONEST_MS, pauseMs) };
}
