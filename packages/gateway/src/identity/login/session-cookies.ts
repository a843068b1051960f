import type { Headers } from '../../core/headers.ts';
import { cookieValue } from '../../core/http/cookies.ts';
import type { LoginProvider } from './login-ports.ts';
import { sealer, type Sealer } from './sealer.ts';
import { readSession, writeSession } from './session-text.ts';
import type { Session } from './session.ts';
import { expireCookie, setCookie } from './set-cookie.ts';

/** Browsers take 4096 bytes with name and attributes (RFC 6265 §6.1). */
const PART_CHARACTERS = 3800;
/** Browsers send all cookies in one field, which may have 16 KiB here: some room has to be left for others. */
const MAX_PARTS = 3;
const FORMAT = 1;

/**
 * The cookies that hold a session at one provider: `name`, and `name.1` and so on as far as it needs them. The first begins
 * with their number, so that parts of an older and longer session are never read. All that is not exactly what we wrote, of
 * one session and in its order, opens to nothing.
 */
export class SessionCookies {
  readonly #names: readonly string[];
  readonly #context: string;
  readonly #sealer: Sealer;

  constructor({ id, issuer, login }: LoginProvider) {
    const { cookie, secrets } = login.session;
    this.#names = Array.from({ length: MAX_PARTS }, (_, i) => (i === 0 ? cookie : `${cookie}.${i}`));
    // A provider of the same name may have been another one before a reload, or be one behind another gateway.
    this.#context = JSON.stringify([cookie, id, issuer, login.clientId, FORMAT]);
    this.#sealer = sealer(secrets, 'session');
  }

  /** The sealed session that a request carries, or null. It can be anything. */
  sealed(headers: Headers): string | null {
    const first = cookieValue(headers, this.#names[0] ?? '');
    if (first === undefined) return null;
    const count = Number(first[0]);
    if (!(count >= 1 && count <= MAX_PARTS)) return null;
    let text = first.slice(1);
    for (let i = 1; i < count; i++) {
      const part = cookieValue(headers, this.#names[i] ?? '');
      if (part === undefined) return null;
      text += part;
    }
    return text.length <= MAX_PARTS * PART_CHARACTERS ? text : null;
  }

  /** The session, or null if we did not seal it for this provider. */
  open(sealed: string): Session | null {
    const bytes = this.#sealer.open(sealed, this.#context);
    return bytes === null ? null : readSession(bytes);
  }

  /** The session that a request carries, whether it is over or not. */
  find(headers: Headers): Session | null {
    const sealed = this.sealed(headers);
    return sealed === null ? null : this.open(sealed);
  }

  /** Values of `Set-Cookie` that keep the session in place of any other that the request carries; null if it is too large. */
  keep(session: Session, headers: Headers): string[] | null {
    const bytes = writeSession(session);
    if (bytes === null) return null;
    const sealed = this.#sealer.seal(bytes, this.#context);
    const count = Math.ceil(sealed.length / PART_CHARACTERS);
    if (count > MAX_PARTS) return null;
    return this.#names.flatMap((name, i) => {
      if (i >= count) return expired(name, headers);
      const part = sealed.slice(i * PART_CHARACTERS, (i + 1) * PART_CHARACTERS);
      return [setCookie(name, i === 0 ? `${count}${part}` : part)];
    });
  }

  /** Values of `Set-Cookie` that make the browser forget what it has. */
  forget(headers: Headers): string[] {
    return this.#names.flatMap((name) => expired(name, headers));
  }
}

function expired(name: string, headers: Headers): string[] {
  return cookieValue(headers, name) === undefined ? [] : [expireCookie(name)];
}
