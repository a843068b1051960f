import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { elementJson } from './element-json.ts';
import type { SoapFault } from './envelope.ts';

/** Codes that say that the request was wrong (SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.6). */
const OF_CLIENT: ReadonlySet<string> = new Set(['Client', 'Sender']);

/** A fault of the service as a problem (RFC 9457): 400 when the request was wrong, and 500 for all others. */
export function faultReply(exchange: Exchange, fault: SoapFault, lists: ReadonlySet<string>): Reply {
  const status = OF_CLIENT.has(fault.code) ? 400 : 500;
  const problem = {
    type: 'about:blank',
    title: status === 400 ? 'The service did not accept the request' : 'The service failed',
    status,
    ...(fault.reason !== '' && { detail: fault.reason }),
    fault: {
      code: fault.code,
      ...(fault.detail !== null && { detail: elementJson(fault.detail, lists) }),
    },
    requestId: exchange.id,
  };
  const headers = headersOf(['Content-Type', 'application/problem+json'], ['Cache-Control', 'no-store']);
  const body = Buffer.from(JSON.stringify(problem)).toString('latin1');
  return { status, headers, body, code: '', tunnel: null };
}
