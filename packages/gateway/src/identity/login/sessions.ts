import type { Exchange } from '../../core/exchange.ts';
import type { Authentication, Identity } from '../../core/identity.ts';
import { flattened } from '../../core/latin1.ts';
import { Remembered } from '../../core/remembered.ts';
import type { Scheme } from '../scheme.ts';
import { endedSessions, type IsEnded } from './ended-sessions.ts';
import type { LoginPorts, LoginProvider } from './login-ports.ts';
import { unavailable } from './login-refusals.ts';
import { Renewals } from './renewals.ts';
import type { SessionCookies } from './session-cookies.ts';
import { renewalDueMs, sessionEndMs, sessionIdentity, touchDueMs, type Session } from './session.ts';

/** Of the cookies that a thread knows without opening them again; a session takes about 2,500. */
const MAX_REMEMBERED_CHARACTERS = 8 * 1024 * 1024;

/** An opened cookie. */
interface Opened {
  readonly session: Session;
  readonly identity: Identity;
}

const ANONYMOUS: Authentication = { kind: 'anonymous' };

/**
 * Callers who have logged in at one provider, by the cookies of their browser.
 *
 * The cookies are all there is of a session, so every thread and every gateway with the same secret knows it. It is over
 * when it is too old, unused for too long, or ended by its provider, and when its token has run out and cannot be renewed: an
 * identity never outlives its proof. What is no session, for whatever reason, is as if it were not there.
 */
export class Sessions implements Scheme {
  readonly challenges: readonly string[] = [];
  readonly #provider: LoginProvider;
  readonly #ports: LoginPorts;
  readonly #cookies: SessionCookies;
  readonly #isEnded: IsEnded;
  readonly #renewals: Renewals;
  readonly #opened = new Remembered<Opened | 'over'>(MAX_REMEMBERED_CHARACTERS, ({ length }) => length);

  constructor(provider: LoginProvider, cookies: SessionCookies, ports: LoginPorts) {
    this.#provider = provider;
    this.#cookies = cookies;
    this.#ports = ports;
    this.#renewals = new Renewals(provider.id, ports);
    this.#isEnded = endedSessions(() => ports.news.latest('ended-sessions', provider.id));
  }

  recall({ headers }: Exchange): Identity | null {
    const sealed = this.#cookies.sealed(headers);
    if (sealed === null) return null;
    const opened = this.#opened.get(sealed);
    if (opened === undefined || opened === 'over') return null;
    const { session, identity } = opened;
    const nowMs = this.#ports.clock.epoch();
    if (this.#isOver(session, nowMs) || this.#isAging(session, nowMs) || this.#isUntold(session, nowMs))
      return null;
    return identity;
  }

  async authenticate(exchange: Exchange): Promise<Authentication> {
    const sealed = this.#cookies.sealed(exchange.headers);
    const opened = sealed === null ? 'over' : this.#open(sealed);
    if (sealed === null || opened === 'over') return ANONYMOUS;
    const { session, identity } = opened;
    const nowMs = this.#ports.clock.epoch();
    if (this.#isOver(session, nowMs)) return ANONYMOUS;
    if (this.#isAging(session, nowMs)) return this.#renew(exchange, sealed, opened);
    if (this.#isUntold(session, nowMs)) return this.#keep(exchange, { ...session, usedAtMs: nowMs });
    return identified(identity);
  }

  #open(sealed: string): Opened | 'over' {
    const known = this.#opened.get(sealed);
    if (known !== undefined) return known;
    const session = this.#cookies.open(sealed);
    if (session === null) return 'over';
    const opened = { session, identity: sessionIdentity(session, this.#provider) };
    // A copy, because the text would hold on to the whole request head that it was cut from.
    this.#opened.set(flattened(sealed), opened);
    return opened;
  }

  #isOver(session: Session, nowMs: number): boolean {
    if (nowMs >= sessionEndMs(session, this.#provider.login.session)) return true;
    if (session.refreshToken === null && nowMs >= session.expiresAtMs) return true;
    return this.#isEnded(session);
  }

  /** Whether its tokens should be renewed. */
  #isAging(session: Session, nowMs: number): boolean {
    return session.refreshToken !== null && nowMs >= renewalDueMs(session);
  }

  /** Whether the browser should be told that it is in use. */
  #isUntold(session: Session, nowMs: number): boolean {
    return nowMs >= touchDueMs(session, this.#provider.login.session);
  }

  async #renew(exchange: Exchange, sealed: string, { session, identity }: Opened): Promise<Authentication> {
    const renewed = await this.#renewals.renew(session);
    if (renewed === 'refused') {
      this.#opened.set(flattened(sealed), 'over');
      return ANONYMOUS;
    }
    if (renewed !== 'unavailable') return this.#keep(exchange, renewed);
    const isGood = this.#ports.clock.epoch() < session.expiresAtMs;
    return isGood ? identified(identity) : unavailable(this.#provider.id);
  }

  #keep({ headers }: Exchange, session: Session): Authentication {
    const cookies = this.#cookies.keep(session, headers);
    if (cookies === null)
      this.#ports.log.warn('a session is too large for cookies and was not renewed', {
        provider: this.#provider.id,
      });
    return identified(sessionIdentity(session, this.#provider), cookies ?? []);
  }
}

function identified(identity: Identity, cookies: readonly string[] = []): Authentication {
  return { kind: 'identified', identity, cookies };
}
