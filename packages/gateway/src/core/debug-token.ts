import type { Clock } from './ports.ts';
import { signedValue } from './signed-value.ts';

/** The field in which a client brings a token. */
export const DEBUG_FIELD = 'x-turnpike-debug';

/** No token is good for longer, whatever it says. */
export const LONGEST_DEBUG_MS = 86_400_000;

/** A token that opens decision traces until then: `<seconds since 1970>.<HMAC>`. */
export function debugToken(secret: string, expiresAtMs: number): string {
  return signerOf(secret).sign(String(Math.floor(expiresAtMs / 1000)));
}

/** Tells good tokens from others, in constant time. */
export function debugTokens(secret: string, clock: Pick<Clock, 'epoch'>): (token: string) => boolean {
  const signer = signerOf(secret);
  return (token) => {
    const expiry = signer.verify(token);
    if (expiry === null) return false;
    const leftMs = Number(expiry) * 1000 - clock.epoch();
    return leftMs > 0 && leftMs <= LONGEST_DEBUG_MS;
  };
}

const signerOf = (secret: string) => signedValue(Buffer.from(secret), 'debug');
