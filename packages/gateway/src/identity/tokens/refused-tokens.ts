import { hash } from 'node:crypto';

import { Remembered } from '../../core/remembered.ts';
import type { TokenReason } from './token-refusals.ts';

/** Of one generation; there are two. */
const CAPACITY = 2500;
const REMEMBERED_MS = 10_000;

/** Stands for a token where the token itself would be too long to keep. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64url');
}

/**
 * Tokens that a provider was found not to vouch for, for ten seconds: who sends a bad token sends it again, and each time
 * would cost a signature or a call. By digest, because whoever sends bad tokens chooses how long they are.
 */
export class RefusedTokens {
  readonly #refused = new Remembered<{ readonly reason: TokenReason; readonly untilMs: number }>(CAPACITY);

  /** Why a token was refused a moment ago, or null. `nowMs` is on the clock that nobody sets back. */
  reasonFor(digest: string, nowMs: number): TokenReason | null {
    const refused = this.#refused.get(digest);
    return refused !== undefined && nowMs < refused.untilMs ? refused.reason : null;
  }

  add(digest: string, reason: TokenReason, nowMs: number): void {
    this.#refused.set(digest, { reason, untilMs: nowMs + REMEMBERED_MS });
  }

  clear(): void {
    this.#refused.clear();
  }
}
