import type { BrowserLogin } from '../../core/browser-login.ts';
import { beginLogin, type BeginLogin } from './begin-login.ts';
import { completeLogin } from './complete-login.ts';
import { endSessions } from './end-sessions.ts';
import { leaveSession } from './leave-session.ts';
import { LoginAttempts } from './login-attempts.ts';
import type { LoginPorts, LoginProvider } from './login-ports.ts';
import { SessionCookies } from './session-cookies.ts';
import { Sessions } from './sessions.ts';

/** Everything of the login of browsers at one provider, on one thread. */
export interface ProviderLogin extends BrowserLogin {
  /** Knows callers by their sessions. */
  readonly sessions: Sessions;
  /** Sends callers without one to log in. */
  readonly begin: BeginLogin;
}

/** Makes it, when a configuration is applied. */
export function providerLogin(provider: LoginProvider, ports: LoginPorts): ProviderLogin {
  const { id, login } = provider;
  const cookies = new SessionCookies(provider);
  const attempts = new LoginAttempts(id, login.session.secrets);
  const parts = { provider, ports, cookies, attempts };
  return {
    sessions: new Sessions(provider, cookies, ports),
    begin: beginLogin(parts),
    complete: completeLogin(parts),
    leave: leaveSession(parts),
    end: endSessions(provider, ports),
  };
}
