import type { Exchange, Reply } from '../../core/exchange.ts';
import { serviceProblem } from '../../core/problem.ts';
import { replyHeaders } from '../../core/translated-call.ts';
import { elementJson } from './element-json.ts';
import type { SoapFault } from './envelope.ts';

/** Codes that say that the request was wrong (SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.6). */
const OF_CLIENT: ReadonlySet<string> = new Set(['Client', 'Sender']);

/** Whether the service says that the request was wrong. */
export function isOfClient({ code }: SoapFault): boolean {
  return OF_CLIENT.has(code);
}

/** A fault of the service as a problem (RFC 9457): 400 when the request was wrong, and 500 for all others. */
export function faultReply(
  exchange: Exchange,
  reply: Reply,
  { fault, lists }: { readonly fault: SoapFault; readonly lists: ReadonlySet<string> },
): Reply {
  const { code, subcode, reason, detail } = fault;
  const [status, title] = isOfClient(fault) ? CLIENTS : SERVICES;
  const told = {
    code,
    ...(subcode !== '' && { subcode }),
    ...(detail !== null && { detail: elementJson(detail, lists) }),
  };
  return serviceProblem(exchange.id, {
    status,
    type: 'about:blank',
    title,
    detail: reason,
    members: { fault: told },
    headers: replyHeaders(reply.headers).set('Cache-Control', 'no-store'),
  });
}

const CLIENTS = [400, 'The service did not accept the request'] as const;
const SERVICES = [500, 'The service failed'] as const;
