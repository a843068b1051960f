import type { BrowserLogin } from '../../core/browser-login.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Handler, Reply } from '../../core/exchange.ts';
import { refuse, type Particulars } from '../../core/problem.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { seeOther } from './see-other.ts';

/**
 * Takes browsers that come back from their provider to what they wanted. What went wrong is said in words of ours only:
 * everything in the query can be from anybody.
 */
export function callback(login: BrowserLogin, provider: string): Handler {
  return async (exchange) => {
    if (exchange.method !== 'GET') return methodNotAllowed(exchange, 'GET');
    const outcome = await login.complete(exchange);
    const failed = (code: ErrorCode, detail: string, cookies: readonly string[]): Reply =>
      refuse(exchange, code, { rule: 'login', detail, fields: cookies.map(asField) });
    switch (outcome.kind) {
      case 'in':
        return seeOther(outcome.returnTo, outcome.cookies);
      case 'denied':
        return failed(
          'FORBIDDEN',
          `The identity provider ${provider} did not accept this login.`,
          outcome.cookies,
        );
      case 'stray':
        return failed('LOGIN_OVER', 'No login that was begun in this browser waits for this answer.', []);
      case 'unavailable':
        return failed(
          'IDENTITY_UNAVAILABLE',
          `The identity provider ${provider} does not answer.`,
          outcome.cookies,
        );
      default:
        return outcome satisfies never;
    }
  };
}

function asField(cookie: string): NonNullable<Particulars['fields']>[number] {
  return ['Set-Cookie', cookie];
}
