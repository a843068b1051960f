import type { AuthenticateConfig, IdentityProviderConfig } from '@turnpike/config';
import type { BrowserLogin } from '../../core/browser-login.ts';
import type { Scheme } from '../scheme.ts';
import type { LoginPorts, LoginProvider } from './login-ports.ts';
import { providerLogin, type ProviderLogin } from './provider-login.ts';

/** The logins of one snapshot, on one thread. */
export class Logins {
  readonly #byProvider: ReadonlyMap<string, ProviderLogin>;

  constructor(providers: readonly IdentityProviderConfig[], ports: LoginPorts) {
    const withLogin = providers.filter(hasLogin);
    this.#byProvider = new Map(withLogin.map((provider) => [provider.id, providerLogin(provider, ports)]));
  }

  /** The login at a provider that has one. */
  of(provider: string): BrowserLogin {
    return this.#get(provider);
  }

  /**
   * Knows callers by their sessions at any of these providers. Browsers without one are sent to the first, unless the route
   * lets callers pass whom it does not know.
   */
  scheme(
    providers: readonly { readonly id: string }[],
    { optional, mode }: Pick<AuthenticateConfig, 'optional' | 'mode'>,
  ): Scheme {
    const logins = providers.map(({ id }) => this.#get(id));
    const sendsAway = !optional && mode === 'on';
    return {
      challenges: [],
      recall(exchange) {
        for (const { sessions } of logins) {
          const identity = sessions.recall(exchange);
          if (identity !== null) return identity;
        }
        return null;
      },
      async authenticate(exchange) {
        for (const { sessions } of logins) {
          const answer = await sessions.authenticate(exchange);
          if (answer.kind !== 'anonymous') return answer;
        }
        const [first] = sendsAway ? logins : [];
        return first === undefined ? { kind: 'anonymous' } : first.begin(exchange);
      },
    };
  }

  #get(provider: string): ProviderLogin {
    const login = this.#byProvider.get(provider);
    if (login === undefined) throw new Error(`The identity provider ${provider} has no login`);
    return login;
  }
}

function hasLogin(provider: IdentityProviderConfig): provider is LoginProvider {
  return provider.login !== null;
}
