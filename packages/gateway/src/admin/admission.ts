import type { IncomingMessage } from 'node:http';
import { isLoopback, type AdminConfig } from '@turnpike/config';
import type { Clock } from '../core/ports.ts';
import { adminProblem, type Answer } from './answer.ts';
import { isForeignOrigin, isOwnHost } from './browser-guard.ts';
import { certificateCallers } from './certificate-callers.ts';
import { covers, LOOPBACK_CALLER, type AdminCaller } from './callers.ts';
import { FailureGate } from './failure-gate.ts';
import type { AdminRoute } from './router.ts';
import type { Steering } from './steering.ts';
import { authenticator } from './tokens.ts';

/** Who came, or the reason why a request is refused. */
export type Entry =
  | { readonly kind: 'in'; readonly caller: AdminCaller | null }
  | { readonly kind: 'refused'; readonly answer: Answer };

type AdmissionSteering = Pick<Steering, 'identify' | 'isOurPage' | 'turnedAway'>;

/** What callers prove themselves with. */
export type Credentials = Pick<AdminConfig, 'tokens' | 'certificates' | 'login'>;

/** What a page of ours sends with each change. Pages of others cannot: a browser asks us first whether they may. */
export const CSRF_FIELD = 'x-csrf-token';

/**
 * Decides who may use the admin API. With credentials, the caller's role must do; without any, it is for this machine,
 * and then a browser on it must not be made to speak for a page from elsewhere.
 */
export class Admission {
  readonly #listeningOn: string;
  readonly #steering: AdmissionSteering | null;
  /** Who guesses, here or at a login. */
  readonly failures: FailureGate;
  readonly #clock: Clock;
  #byToken = authenticator([]);
  #byCertificate: (request: IncomingMessage) => Promise<AdminCaller | null> = () => Promise.resolve(null);
  #isOpen = false;

  constructor(
    config: AdminConfig,
    { steering, clock }: { readonly steering: AdmissionSteering | null; readonly clock: Clock },
  ) {
    this.#listeningOn = config.address.host;
    this.#steering = steering;
    this.#clock = clock;
    this.failures = new FailureGate(clock, (failure) => steering?.turnedAway(failure));
    this.use(config);
  }

  /** From now on these are the credentials. */
  use({ tokens, certificates, login }: Credentials): void {
    this.#byToken = authenticator(tokens);
    this.#byCertificate = certificateCallers(certificates, this.#clock);
    const hasNone = tokens.length === 0 && certificates.length === 0 && login === null;
    // Without any and yet for the network is refused by the configuration's checks; should it happen, nobody gets in.
    this.#isOpen = hasNone && isLoopback(this.#listeningOn);
  }

  /** Whose token that is, of those in the configuration. */
  callerOf(token: string): AdminCaller | null {
    return this.#byToken(`Bearer ${token}`);
  }

  /** What no credentials are needed for is refused to pages of others all the same. */
  greet({ method, headers }: IncomingMessage): Answer | null {
    if (this.#isOpen && !isOwnHost(headers.host, this.#listeningOn)) return adminProblem('FOREIGN_HOST');
    return mayChange(method) && isForeignOrigin(headers) ? adminProblem('FOREIGN_ORIGIN') : null;
  }

  /** Finds out who calls. */
  async enter(request: IncomingMessage): Promise<Entry> {
    const refusal = this.greet(request);
    if (refusal !== null) return { kind: 'refused', answer: refusal };
    const { authorization } = request.headers;
    if (this.#isOpen) {
      const caller = authorization === undefined ? null : await this.#find(request);
      return { kind: 'in', caller: caller ?? LOOPBACK_CALLER };
    }
    const address = request.socket.remoteAddress ?? '';
    const seconds = this.failures.lockedSeconds(address);
    if (seconds > 0) {
      const answer = adminProblem('TOO_MANY_FAILURES', {}, { 'Retry-After': String(seconds) });
      return { kind: 'refused', answer };
    }
    const caller = await this.#find(request);
    if (caller === null && authorization !== undefined) this.failures.failed(address);
    if (caller?.via === 'session' && mayChange(request.method) && !request.headers[CSRF_FIELD])
      return { kind: 'refused', answer: adminProblem('NOT_FROM_OUR_PAGE') };
    return { kind: 'in', caller };
  }

  async #find(request: IncomingMessage): Promise<AdminCaller | null> {
    const known = this.#byToken(request.headers.authorization);
    return known ?? (await this.#byCertificate(request)) ?? (await this.#steering?.identify(request)) ?? null;
  }

  /** What changes something in a session has to come from a page of that session; null: it does. */
  guard(caller: AdminCaller | null, request: IncomingMessage): Answer | null {
    const isSession = caller?.via === 'session' && mayChange(request.method);
    return isSession && this.#steering?.isOurPage(request) !== true
      ? adminProblem('NOT_FROM_OUR_PAGE')
      : null;
  }

  /** Whether a caller may use an operation of ours; null: yes. */
  allow(caller: AdminCaller | null, role: Exclude<AdminRoute['role'], 'anyone'>): Answer | null {
    if (caller === null)
      return adminProblem('UNAUTHORIZED', {}, { 'WWW-Authenticate': 'Bearer realm="turnpike admin"' });
    if (covers(caller.role, role)) return null;
    const challenge = `Bearer realm="turnpike admin", error="insufficient_scope", scope="${role}"`;
    return adminProblem('FORBIDDEN_ROLE', { needed: role }, { 'WWW-Authenticate': challenge });
  }
}

function mayChange(method: string | undefined): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
