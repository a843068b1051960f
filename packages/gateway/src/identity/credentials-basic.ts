import { isUtf8 } from 'node:buffer';
import type { Exchange } from '../core/exchange.ts';
import { parameterOf } from './auth-scheme.ts';
import type { BasicCredentials, Lookup } from './consumers/consumers.ts';
import { refused } from './refusals.ts';
import type { Scheme } from './scheme.ts';

const MAX_USERNAME_BYTES = 256;
const MAX_PASSWORD_BYTES = 1024;
const MAX_LENGTH = Math.ceil((MAX_USERNAME_BYTES + 1 + MAX_PASSWORD_BYTES) / 3) * 4;

/** User names and passwords of consumers (RFC 7617), in UTF-8. */
export function basicScheme(users: Lookup<BasicCredentials>): Scheme {
  return {
    challenges: ['Basic realm="turnpike", charset="UTF-8"'],
    recall(exchange) {
      const credentials = credentialsOf(exchange);
      return credentials === null ? null : users.recall(credentials);
    },
    authenticate(exchange) {
      const credentials = credentialsOf(exchange);
      return credentials === null ? Promise.resolve(MALFORMED) : users.find(credentials);
    },
  };
}

const MALFORMED = refused('malformed', 'The Basic credentials are malformed or too long.');

function credentialsOf({ headers }: Exchange): BasicCredentials | null {
  return parseBasic(parameterOf(headers.get('authorization') ?? '', 'basic'));
}

/** `user:password` in base64, in its one canonical form; null for anything else. */
export function parseBasic(token: string): BasicCredentials | null {
  if (token.length === 0 || token.length > MAX_LENGTH) return null;
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64') !== token || !isUtf8(bytes)) return null;
  const colon = bytes.indexOf(':');
  if (colon === -1 || colon > MAX_USERNAME_BYTES || bytes.length - colon - 1 > MAX_PASSWORD_BYTES)
    return null;
  const username = bytes.toString('utf8', 0, colon);
  const password = bytes.toString('utf8', colon + 1);
  return hasControls(username) || hasControls(password) ? null : { username, password };
}

/** RFC 7617 §2 forbids them. */
function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
