import { GatewayError } from '../../core/errors.ts';
import type { LoginPorts } from './login-ports.ts';
import { renewSession, type Session } from './session.ts';

/** How long a provider that did not answer is left alone, as far as tokens are good without it. */
const PAUSE_MS = 5000;

/**
 * Renews the tokens of sessions at one provider. Many requests of a browser come for the same at once, on all threads: the
 * supervisor asks the provider once, and gives all of them the same tokens.
 */
export class Renewals {
  readonly #provider: string;
  readonly #ports: LoginPorts;
  /** On the clock that nobody sets, or a step of the other would make a pause as long as it went back. */
  #pausedUntilMs = -Infinity;

  constructor(provider: string, ports: LoginPorts) {
    this.#provider = provider;
    this.#ports = ports;
  }

  /** The session with new tokens; or that it gets none any more, or none at the moment. */
  async renew(session: Session): Promise<Session | 'refused' | 'unavailable'> {
    const { desk, clock, log } = this.#ports;
    const { refreshToken, expiresAtMs } = session;
    const provider = this.#provider;
    if (refreshToken === null) return 'refused';
    if (clock.now() < this.#pausedUntilMs && clock.epoch() < expiresAtMs) return 'unavailable';
    try {
      const tokens = await desk.run('refresh-tokens', { provider, refreshToken });
      const renewed = renewSession(session, tokens, clock.epoch());
      if (renewed !== null) return renewed;
      log.warn('a provider renewed a session with the tokens of somebody else', { provider });
      return 'refused';
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.code === 'UNAUTHENTICATED') return 'refused';
      // Once in a pause, not once for every request that would like to know.
      if (clock.now() >= this.#pausedUntilMs)
        log.warn('sessions cannot be renewed at the moment', { provider, why: error.message });
      this.#pausedUntilMs = clock.now() + PAUSE_MS;
      return 'unavailable';
    }
  }
}
