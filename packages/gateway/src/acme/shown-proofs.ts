import type { ProofNews } from '../core/desk.ts';
import { asObject } from './acme-failure.ts';
import { challengeCertificate } from './challenge-certificate.ts';
import type { ChallengeKind, Proof } from './order.ts';

/** What authorities are shown while they look. */
export type ShownProofs = Pick<ProofNews, 'answers' | 'certificates'>;

/** Nothing is under way. */
export const NO_PROOFS: ShownProofs = { answers: [], certificates: [] };

/** No order takes longer; what a gateway that died has left behind is not shown for ever. */
const LIFETIME_MS = 3_600_000;

/** The proofs of an order, for a storage from which every gateway shows them. */
export function proofsText(kind: ChallengeKind, proofs: readonly Proof[], nowMs: number): string {
  const shown: ShownProofs =
    kind === 'http-01'
      ? { answers: proofs.map(({ token, answer }) => ({ token, answer })), certificates: [] }
      : {
          answers: [],
          certificates: proofs.map(({ name, answer }) => ({
            name,
            ...challengeCertificate(name, answer, nowMs),
          })),
        };
  return `${JSON.stringify({ ...shown, untilMs: nowMs + LIFETIME_MS })}\n`;
}

/** What a storage gave, and how long it is shown. */
export function shownProofs(text: string | null, nowMs: number): ShownProofs & { readonly untilMs: number } {
  try {
    const { answers, certificates, untilMs } = asObject(JSON.parse(text ?? ''));
    if (typeof untilMs === 'number' && untilMs > nowMs)
      return { answers: listOf(answers), certificates: listOf(certificates), untilMs };
  } catch {
    // Nothing, or nothing of ours.
  }
  return { ...NO_PROOFS, untilMs: Infinity };
}

/** Written by us: the storage holds our keys as well, so it is believed. */
function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? value : [];
}
