import type { LoginStep } from '@turnpike/config';
import type { BrowserLogin } from '../../core/browser-login.ts';
import type { Handler } from '../../core/exchange.ts';
import { backchannelLogout } from './backchannel-logout.ts';
import { callback } from './callback.ts';
import { logout } from './logout.ts';

/** Where a route of a login ends. */
export interface LoginTarget {
  readonly provider: string;
  readonly step: LoginStep;
}

/** What the routes of logins reach the world through. */
export interface LoginStagePorts {
  /** The login at a provider of the configuration. */
  readonly login: (provider: string) => BrowserLogin;
}

/** Answers on the routes that `login` of an identity provider adds. */
export function login({ provider, step }: LoginTarget, ports: LoginStagePorts): Handler {
  const login = ports.login(provider);
  switch (step) {
    case 'callback':
      return callback(login, provider);
    case 'logout':
      return logout(login);
    case 'backchannel-logout':
      return backchannelLogout(login);
    default:
      return step satisfies never;
  }
}
