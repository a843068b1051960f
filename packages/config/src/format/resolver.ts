import { parseAddress } from './address.ts';
import { ipFamily } from './ip.ts';
import { type Parsed, refused, understood } from './parsed.ts';

/** A name server as `host:port`: `10.0.0.2`, `10.0.0.2:5353`, `[::1]:53`. Its address, since nobody else could look it up. */
export function parseResolver(text: string): Parsed<string> {
  const family = ipFamily(text);
  if (family !== null) return understood(family === 'ipv4' ? `${text}:53` : `[${text}]:53`);
  const address = parseAddress(text);
  if (!address.ok || ipFamily(address.value.host) === null)
    return refused('is not the address of a name server');
  if (address.value.port === 0) return refused('has port 0');
  return understood(text);
}
