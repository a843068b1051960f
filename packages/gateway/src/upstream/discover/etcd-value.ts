import { placeOf, readEndpoint, type Reading } from './endpoint-fields.ts';
import { at, parseJson, textAt } from './json-value.ts';

/**
 * The endpoint that a value in etcd names. One of
 * - a URL: `http://10.0.0.1:8080`;
 * - `{ "url": …, "weight": 2, "zone": "a", "priority": 0, "draining": false }`, or with `host` and `port` for `url`;
 * - what etcd's own naming package writes: `{ "Op": 0, "Addr": "10.0.0.1:8080", "Metadata": … }`.
 */
export function readEtcdValue(text: string): Reading {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return readEndpoint(placeOf(trimmed) ?? NOWHERE);
  const value = parseJson(trimmed);
  if (value === null) return { problem: 'it is no JSON' };
  const address = textAt(value, 'Addr');
  return address === null ? readObject(value) : readNaming(value, address);
}

function readObject(value: unknown): Reading {
  const url = at(value, 'url');
  const hasUrl = url !== undefined && url !== null;
  const place = hasUrl ? placeOf(url) : { host: at(value, 'host'), port: at(value, 'port') };
  if (place === null) return { problem: 'its URL is not http://host:port' };
  return readEndpoint({
    ...place,
    weight: at(value, 'weight'),
    zone: at(value, 'zone'),
    priority: at(value, 'priority'),
    isDraining: at(value, 'draining'),
  });
}

function readNaming(value: unknown, address: string): Reading {
  if ((at(value, 'Op') ?? 0) !== 0) return { problem: 'it is marked as deleted' };
  return readEndpoint(placeOf(address) ?? NOWHERE);
}

const NOWHERE = { host: null, port: null };
