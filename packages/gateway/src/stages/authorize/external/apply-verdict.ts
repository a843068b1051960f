import type { Exchange, Reply } from '../../../core/exchange.ts';
import { headerName, NOT_FORWARDED } from '../../../core/header-names.ts';
import { Headers } from '../../../core/headers.ts';
import { refuse } from '../../../core/problem.ts';
import type { Allowed, Denied, Field } from './verdict.ts';

const RULE = 'authorize.external';

/**
 * Takes what the decision point has for the service into the request. What only it may say is taken out first: without its
 * word, a client could say it.
 */
export function instructService(
  { headers }: Exchange,
  itsOwn: readonly string[],
  verdict: Allowed | null,
): void {
  for (const name of itsOwn) headers.delete(name);
  if (verdict === null) return;
  const { upstream, added, removed } = verdict;
  for (const name of removed) if (isOpen(name)) headers.delete(name);
  const own = upstream.filter(([name]) => isOpen(name));
  for (const [name] of own) headers.delete(name);
  for (const [name, value] of own) headers.append(name, value);
  for (const [name, value] of added) if (isOpen(name)) headers.append(name, value);
}

/** Framing, connections and what proxies say of each other are not for others to write. */
function isOpen(name: string): boolean {
  return (headerName(name).flags & NOT_FORWARDED) === 0;
}

/** The answer of the service with what the decision point has for the client. */
export function instructClient(reply: Reply, fields: readonly Field[]): Reply {
  const open = fields.filter(([name]) => isOpen(name));
  if (open.length === 0) return reply;
  const headers = reply.headers.share();
  for (const [name] of open) if (name !== 'set-cookie') headers.delete(name);
  for (const [name, value] of open) headers.append(name, value);
  return { ...reply, headers };
}

/** The decision point has said no: its answer, or ours where it has no words of its own. */
export function denial(
  exchange: Exchange,
  { status, headers, body }: Denied,
  challenges: readonly string[],
): Reply {
  const fields = headers.filter(([name]) => isOpen(name));
  if (body === '' && (status === 401 || status === 403)) {
    const needsOne = status === 401 && !fields.some(([name]) => name === 'www-authenticate');
    const own = needsOne ? challenges.map((one): Field => ['WWW-Authenticate', one]) : [];
    return problemOf(exchange, status, [...fields, ...own]);
  }
  const own = new Headers();
  for (const [name, value] of fields) if (body !== '' || name !== 'content-type') own.append(name, value);
  if (!own.has('cache-control')) own.append('Cache-Control', 'no-store');
  return { status, headers: own, body: body === '' ? null : body, code: '', tunnel: null };
}

function problemOf(exchange: Exchange, status: 401 | 403, fields: readonly Field[]): Reply {
  const more = fields.filter(([name]) => name !== 'content-type' && name !== 'cache-control');
  return refuse(exchange, status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', {
    rule: RULE,
    detail: 'The service that authorizes does not allow this.',
    fields: more,
  });
}

/** There is no decision. */
export function unavailable(exchange: Exchange): Reply {
  return refuse(exchange, 'AUTHORIZATION_UNAVAILABLE', {
    rule: RULE,
    detail: 'The service that authorizes gives no decision.',
    fields: [['Retry-After', '1']],
  });
}
