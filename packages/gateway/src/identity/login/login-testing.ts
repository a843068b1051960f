import { manualClock, type ManualClock } from '@turnpike/testkit';
import type { Desk, ErrandKind, Errands, News, SessionTokens } from '../../core/desk.ts';
import type { Exchange, ExchangeFields } from '../../core/exchange.ts';
import { headersOf, type Headers } from '../../core/headers.ts';
import type { Claims } from '../../core/identity.ts';
import type { Log } from '../../core/ports.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { LoginPorts, LoginProvider } from './login-ports.ts';

/** For tests: what the supervisor answers to one kind of errand. */
type Answers = { [Kind in ErrandKind]?: (asks: Errands[Kind]['asks']) => Errands[Kind]['gives'] };

/** For tests: the world of a login, and what it was asked. */
export interface LoginWorld {
  readonly ports: LoginPorts;
  readonly clock: ManualClock;
  readonly answers: Answers;
  readonly errands: { readonly kind: ErrandKind; readonly asks: unknown }[];
  readonly logged: { readonly message: string; readonly fields: object }[];
  publish(news: News): void;
}

/** A world in which the provider is known and every errand is refused until the test answers it. */
export function loginWorld(): LoginWorld {
  const clock = manualClock();
  const answers: Answers = {};
  const errands: { kind: ErrandKind; asks: unknown }[] = [];
  const logged: { message: string; fields: object }[] = [];
  const news = new Map<string, News>();
  const publish = (item: News): void => void news.set(`${item.topic} ${item.id}`, item);
  publish(providerNews('https://login.example.com/authorize', 'https://login.example.com/logout'));
  const note = (message: string, fields: object = {}): void => void logged.push({ message, fields });
  const log: Log = { debug() {}, info: note, warn: note, error: note };
  const desk: Desk = {
    async run(kind, asks) {
      errands.push({ kind, asks });
      const answer = answers[kind];
      if (answer === undefined) throw new Error(`nobody answers ${kind}`);
      return answer(asks);
    },
  };
  const latest: LoginPorts['news']['latest'] = (topic, id) => (news.get(`${topic} ${id}`) ?? null) as never;
  const ports = { desk, news: { latest }, clock, log, verifyLogoutToken };
  return { ports, clock, answers, errands, logged, publish };
}

/** Takes claims in JSON for a token that was verified. */
const verifyLogoutToken: LoginPorts['verifyLogoutToken'] = async (_, token) => ({
  kind: 'verified',
  claims: JSON.parse(token) as Claims,
});

/** For tests: what is known of the provider. */
export function providerNews(authorizationEndpoint: string | null, endSessionEndpoint: string | null): News {
  const known = { keys: null, problem: '', learnedAtMs: 0 };
  return { topic: 'provider', id: 'corporate', authorizationEndpoint, endSessionEndpoint, ...known };
}

/** For tests: a provider with a login. */
export const PROVIDER: LoginProvider = {
  id: 'corporate',
  issuer: 'https://login.example.com',
  keys: { kind: 'discovery' },
  audiences: [],
  algorithms: ['RS256'],
  tokenType: 'any',
  clockToleranceMs: 30_000,
  dpop: 'optional',
  dpopNonce: null,
  dpopWhenStoreFails: 'deny',
  keyLifetimeMs: 600_000,
  staleKeysMs: 86_400_000,
  introspection: null,
  client: null,
  login: {
    clientId: 'web',
    authentication: { kind: 'basic', secret: 'hush' },
    scopes: ['openid', 'profile'],
    callbackPath: '/_auth/callback',
    logoutPath: '/_auth/logout',
    backchannelLogoutPath: '/_auth/backchannel',
    afterLogout: '/bye',
    publicOrigin: null,
    session: {
      cookie: '__Host-session',
      secrets: ['0123456789abcdef0123456789abcdef'],
      lifetimeMs: 8 * 3_600_000,
      idleMs: 3_600_000,
    },
  },
  origin: { file: 'gateway.yaml', line: 1, column: 1 },
};

/** For tests: tokens as a provider gives them; the ID token is as good as signed. */
export function tokensFor(claims: Claims, fields: Partial<SessionTokens> = {}): SessionTokens {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return {
    token: 'access-1',
    expiresAtMs: Infinity,
    refreshToken: null,
    idToken: `e30.${payload}.c2ln`,
    claims: Object.assign(Object.create(null), claims) as Claims,
    scopes: ['openid', 'profile'],
    ...fields,
  };
}

/** For tests: a browser that keeps cookies and asks for pages with them. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** Does what `Set-Cookie` says. */
  take(setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const [pair = '', ...attributes] = text.split('; ');
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(equals + 1));
    }
  }

  headers(...fields: readonly (readonly [string, string])[]): Headers {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    return headersOf(...(cookie === '' ? [] : [['Cookie', cookie] as const]), ...fields);
  }

  /** A request for a page, as a browser makes it when somebody follows a link. */
  page(path = '/orders', fields: Partial<ExchangeFields> = {}): Exchange {
    const [pathname = '', query] = path.split(/(?=\?)/, 2);
    const headers = this.headers(['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'document']);
    return exchangeFrom({ path: pathname, query: query ?? '', headers, ...fields });
  }

  /** A request that a script makes. */
  call(path = '/orders'): Exchange {
    return this.page(path, {
      headers: this.headers(['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Dest', 'empty']),
    });
  }
}

/** For tests: all values of `Set-Cookie`. */
export function setCookiesOf(headers: Headers): string[] {
  return headers.values.filter((_, i) => headers.names[i]?.lower === 'set-cookie');
}
