import { createHmac } from 'node:crypto';
import type { EndedSessions } from '../../core/desk.ts';
import type { LoginProvider } from './login-ports.ts';
import { sealer, type Sealer } from './sealer.ts';

/** Texts that tell other gateways which sessions of a provider are over. */
export interface ToldEnds {
  write(ended: EndedSessions): { readonly name: string; readonly text: string };
  /** What another gateway with the same secret wrote, or null. */
  read(text: string): EndedSessions | null;
}

/**
 * Makes and reads these texts. They are sealed with the secret of the sessions: who can read the store learns nobody's name, and
 * who can write there logs nobody out.
 */
export function toldEnds({ id, issuer, login }: LoginProvider): ToldEnds {
  const { secrets } = login.session;
  const texts: Sealer = sealer(secrets, 'ended');
  const context = JSON.stringify([id, issuer, login.clientId]);
  return {
    write({ session, subject, endedAtMs }) {
      const plain = JSON.stringify([session, subject, endedAtMs]);
      const name = createHmac('sha256', secrets[0] ?? '')
        .update(context + plain)
        .digest('base64url');
      return { name, text: texts.seal(Buffer.from(plain), context) };
    },
    read(text) {
      const plain = texts.open(text, context);
      if (plain === null) return null;
      const [session, subject, endedAtMs] = JSON.parse(plain.toString()) as Written;
      return { provider: id, session, subject, endedAtMs };
    },
  };
}

type Written = readonly [session: string | null, subject: string | null, endedAtMs: number];
