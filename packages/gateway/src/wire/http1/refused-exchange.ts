import { Exchange, type ExchangeFields } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';

/** Stands for a request that could not be read, so that it is logged and counted like any other. */
export function refusedExchange(
  known: Pick<ExchangeFields, 'id' | 'version' | 'arrival' | 'peer' | 'startedAtMs'>,
): Exchange {
  return new Exchange({
    ...known,
    method: '',
    authority: '',
    host: '',
    path: '',
    query: '',
    headers: new Headers(),
    body: null,
    client: known.peer,
    fromTrustedProxy: false,
    clientCertificate: null,
    memo: { forwarding: null, logged: null },
    upgrade: '',
    inform: () => {},
  });
}
