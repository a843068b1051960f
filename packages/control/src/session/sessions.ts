import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AdminLoginConfig, GatewayConfig } from '@turnpike/config';
import type { Caller, Role } from '../domain/callers.ts';
import type { Entrance, LoginStep } from '../domain/entrance.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { GatewayPort } from '../gateway-port.ts';
import { cookiesOf, isSecure, type Cookies } from './cookies.ts';
import { endedSessions } from './ended-sessions.ts';
import { callerFrom } from './roles.ts';
import type { SealedText } from './sealed-text.ts';

/** What sessions work with. */
export interface SessionParts {
  readonly gateway: Pick<
    GatewayPort,
    'config' | 'callerOf' | 'lockedSeconds' | 'credentialsFailed' | 'authorizationEndpoint' | 'redeem'
  >;
  /** Whose token of the database that is. */
  readonly findToken: (token: string) => Caller | null;
  /** Somebody came in, or was refused at the provider. */
  readonly told: (signIn: ToldSignIn) => void;
  readonly seals: SealedText;
  readonly clock: Pick<Clock, 'epoch'>;
  readonly log: Log;
}

/** What is told of a sign-in. */
export interface ToldSignIn {
  readonly action: 'login.done' | 'login.failed';
  readonly caller: Caller | null;
  readonly address: string;
  readonly target: string;
  readonly detail: string;
}

/** A session is all in its cookie: a token, which is asked about each time, or a person, who logged in. */
type Session =
  | { readonly kind: 'token'; readonly token: string; readonly expiresAtMs: number }
  | {
      readonly kind: 'person';
      /** Stands for what the configuration said of logins. */
      readonly rules: string;
      readonly name: string;
      readonly role: Role | null;
      readonly workspaces: readonly (readonly [string, Role])[];
      readonly expiresAtMs: number;
    };

/** A browser that was sent to log in. */
interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly expiresAtMs: number;
}

const SESSION = 'turnpike-session';
const ATTEMPT = 'turnpike-login';
const TOKEN_SESSION_MS = 12 * 3_600_000;
const ATTEMPT_MS = 600_000;
const CALLBACK = '/v1/login/callback';

/** Sessions of browsers that steer the gateway. */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #ended = endedSessions();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Who has a session. */
  identify(request: IncomingMessage): Caller | null {
    const { seals, clock } = this.#parts;
    const sealed = this.#cookies(request).read(SESSION);
    const text = sealed === null ? null : seals.open(sealed, SESSION);
    if (sealed === null || text === null || this.#ended.has(seals.mark(sealed, 'ended'))) return null;
    const session = JSON.parse(text) as Session;
    if (session.expiresAtMs <= clock.epoch()) return null;
    if (session.kind === 'token') return this.#bearer(session.token, 'session');
    const { name, role, workspaces, rules } = session;
    // Who may log in, and as what, was changed: it has to be found out anew.
    if (rules !== this.#rules()) return null;
    return { name, via: 'session', role, workspaces: new Map(workspaces) };
  }

  /** What a page sends back in `X-CSRF-Token` with each change; null: there is no session. */
  csrf(request: IncomingMessage): string | null {
    const sealed = this.#cookies(request).read(SESSION);
    return sealed === null ? null : this.#parts.seals.mark(sealed, 'csrf');
  }

  /** Whether a change carries that, or needs none. */
  mayChange(request: IncomingMessage): boolean {
    const wanted = this.csrf(request);
    if (wanted === null) return true;
    const given = request.headers['x-csrf-token'];
    return typeof given === 'string' && isSame(given, wanted);
  }

  /** Makes a session of a token. */
  async enter(request: IncomingMessage, token: string): Promise<Entrance> {
    const { gateway, clock } = this.#parts;
    const address = request.socket.remoteAddress ?? '';
    const seconds = gateway.lockedSeconds(address);
    if (seconds > 0) return { kind: 'blocked', retryAfterSeconds: seconds };
    const caller = this.#bearer(token, 'session');
    if (caller === null) {
      gateway.credentialsFailed(address);
      return { kind: 'refused' };
    }
    this.#parts.told({ action: 'login.done', caller, address, target: 'session', detail: 'with a token' });
    const session: Session = { kind: 'token', token, expiresAtMs: clock.epoch() + TOKEN_SESSION_MS };
    return { kind: 'entered', caller, ...this.#keep(request, session) };
  }

  /** Ends a session; gives the cookies that do so in the browser. */
  async leave(request: IncomingMessage): Promise<readonly string[]> {
    const cookies = this.#cookies(request);
    const sealed = cookies.read(SESSION);
    if (sealed !== null && this.identify(request) !== null)
      this.#ended.add(this.#parts.seals.mark(sealed, 'ended'));
    return [cookies.forget(SESSION)];
  }

  /** Sends a browser to log in (OpenID Connect Core §3.1.2.1, with PKCE, RFC 7636). */
  async login(request: IncomingMessage): Promise<LoginStep> {
    const { clock, seals } = this.#parts;
    const { login, client } = this.#provider();
    if (login === null || client === null) return { kind: 'off' };
    const origin = login.publicOrigin ?? originOf(request);
    if (origin === null)
      return { kind: 'refused', detail: 'the request does not say under which host it came' };
    const endpoint = await this.#endpoint(login.provider);
    if (endpoint === null)
      return { kind: 'refused', detail: `${login.provider} cannot be asked at the moment` };
    const attempt: Attempt = {
      state: randomBytes(24).toString('base64url'),
      nonce: randomBytes(24).toString('base64url'),
      verifier: randomBytes(32).toString('base64url'),
      redirectUri: origin + CALLBACK,
      expiresAtMs: clock.epoch() + ATTEMPT_MS,
    };
    const url = new URL(endpoint);
    const parameters = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: attempt.redirectUri,
      scope: client.scopes.join(' '),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const sealed = seals.seal(JSON.stringify(attempt), ATTEMPT);
    const how = { maxAgeSeconds: ATTEMPT_MS / 1000, site: 'Lax' } as const;
    const cookies = [this.#cookies(request).set(ATTEMPT, sealed, how)];
    return { kind: 'redirect', location: url.href, cookies };
  }

  /** The way back: only the browser that was sent away with this state, once. */
  async callback(request: IncomingMessage): Promise<LoginStep> {
    const { login } = this.#provider();
    if (login === null) return { kind: 'off' };
    const about = { address: request.socket.remoteAddress ?? '', target: login.provider };
    const { step, caller } = await this.#comeBack(request, login);
    const isIn = step.kind === 'redirect';
    const detail = step.kind === 'refused' ? step.detail : 'at the identity provider';
    this.#parts.told({ action: isIn ? 'login.done' : 'login.failed', caller, ...about, detail });
    return step;
  }

  async #comeBack(request: IncomingMessage, login: AdminLoginConfig): Promise<Return> {
    const { gateway, clock, seals, log } = this.#parts;
    const cookies = this.#cookies(request);
    const sealed = cookies.read(ATTEMPT);
    const text = sealed === null ? null : seals.open(sealed, ATTEMPT);
    const url = URL.parse(request.url ?? '', 'http://admin');
    const attempt = text === null ? null : (JSON.parse(text) as Attempt);
    const isOurs = attempt !== null && attempt.expiresAtMs > clock.epoch();
    if (!isOurs || url === null || url.searchParams.get('state') !== attempt.state)
      return refused('this login was not begun here, or too long ago; begin it again');
    const { redirectUri, state, nonce, verifier } = attempt;
    const code = {
      provider: login.provider,
      callback: redirectUri + url.search,
      redirectUri,
      state,
      nonce,
      verifier,
    };
    const claims = await gateway.redeem(code).catch((error: unknown) => {
      log.info('a login to the admin API was refused', { error });
      return null;
    });
    if (claims === null) return refused(`${login.provider} did not confirm the login`);
    const caller = callerFrom(claims, login);
    if (caller === null) return refused('this account has no role here');
    const session: Session = {
      kind: 'person',
      rules: this.#rules(),
      name: caller.name,
      role: caller.role,
      workspaces: [...caller.workspaces],
      expiresAtMs: clock.epoch() + login.lifetimeMs,
    };
    const kept = this.#keep(request, session);
    const back = [...kept.cookies, cookies.forget(ATTEMPT)];
    return { step: { kind: 'redirect', location: '/', cookies: back }, caller };
  }

  #keep(request: IncomingMessage, session: Session): { cookies: readonly string[]; csrf: string } {
    const { seals, clock } = this.#parts;
    const sealed = seals.seal(JSON.stringify(session), SESSION);
    const maxAgeSeconds = Math.ceil((session.expiresAtMs - clock.epoch()) / 1000);
    const cookie = this.#cookies(request).set(SESSION, sealed, { maxAgeSeconds, site: 'Strict' });
    return { cookies: [cookie], csrf: seals.mark(sealed, 'csrf') };
  }

  #bearer(token: string, via: Caller['via']): Caller | null {
    const caller = this.#parts.gateway.callerOf(token) ?? this.#parts.findToken(token);
    return caller === null ? null : { ...caller, via };
  }

  #cookies(request: IncomingMessage): Cookies {
    const { login } = this.#provider();
    return cookiesOf(request, isSecure(request, login?.publicOrigin ?? null));
  }

  #rules(): string {
    const { login } = this.#provider();
    return login === null ? '' : this.#parts.seals.mark(JSON.stringify(login), 'rules');
  }

  #provider(): { login: AdminLoginConfig | null; client: ClientConfig | null } {
    const { admin, identityProviders } = this.#parts.gateway.config();
    const login = admin?.login ?? null;
    const provider = identityProviders.find(({ id }) => id === login?.provider);
    return { login, client: provider?.login ?? null };
  }

  async #endpoint(provider: string): Promise<string | null> {
    try {
      return await this.#parts.gateway.authorizationEndpoint(provider);
    } catch (error) {
      this.#parts.log.warn('an identity provider cannot be asked for a login', { provider, error });
      return null;
    }
  }
}

/** What became of who comes back from a provider. */
interface Return {
  readonly step: LoginStep;
  readonly caller: Caller | null;
}

function refused(detail: string): Return {
  return { step: { kind: 'refused', detail }, caller: null };
}

type ClientConfig = NonNullable<GatewayConfig['identityProviders'][number]['login']>;

function originOf(request: IncomingMessage): string | null {
  const { host } = request.headers;
  if (host === undefined || !/^[\w.:[\]-]{1,255}$/.test(host)) return null;
  return `${isSecure(request, null) ? 'https' : 'http'}://${host}`;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
