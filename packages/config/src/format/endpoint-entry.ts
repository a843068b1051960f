import { parseEndpointUrl } from './endpoint-url.ts';

/** An endpoint as a file of endpoints or an instance that registers itself says it. */
export interface EndpointEntry {
  /** Normalised, with the port written out. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly zone: string | null;
  readonly priority: number;
  readonly isDraining: boolean;
}

/** What is wrong with an entry: with one of its members, or with the whole (`''`). */
export interface EntryFault {
  readonly member: string;
  /** Completes "it …", or "`weight` …". */
  readonly problem: string;
}

/** An entry that was understood, or everything that is wrong with it. */
export type ReadEntry =
  | { readonly ok: true; readonly value: EndpointEntry }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

/** Reads a URL, or an object of `url`, `weight`, `zone`, `priority` and `draining`. Never throws. */
export function readEndpointEntry(value: unknown): ReadEntry {
  if (typeof value === 'string') return readMembers({ url: value }, '');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, faults: [{ member: '', problem: 'is neither a URL nor an object with a `url`' }] };
  return readMembers({ ...value }, 'url');
}

function readMembers(members: Readonly<Record<string, unknown>>, urlMember: string): ReadEntry {
  const { url, weight = 1, zone = null, priority = 0, draining = false, ...others } = members;
  const address = typeof url === 'string' ? parseEndpointUrl(url) : MISSING;
  const faults = Object.keys(others).map((member) => ({ member, problem: 'is not known here' }));
  const expect = (isRight: boolean, member: string, problem: string): void => {
    if (!isRight) faults.push({ member, problem });
  };
  if (!address.ok) expect(false, urlMember, address.problem);
  else expect(address.value.protocol === 'http', urlMember, NOT_HERE);
  const isZone = typeof zone === 'string' && zone !== '' && zone.length <= MAX_ZONE_LENGTH;
  expect(isInteger(weight, MAX_WEIGHT), 'weight', `must be a whole number from 0 to ${MAX_WEIGHT}`);
  expect(isInteger(priority, MAX_PRIORITY), 'priority', `must be a whole number from 0 to ${MAX_PRIORITY}`);
  expect(zone === null || isZone, 'zone', `must be a text of at most ${MAX_ZONE_LENGTH} characters`);
  expect(typeof draining === 'boolean', 'draining', 'must be true or false');
  if (!address.ok || faults.length > 0) return { ok: false, faults };
  const { url: normalised, host, port } = address.value;
  const place = { url: normalised, host, port, zone: isZone ? zone : null };
  return {
    ok: true,
    value: { ...place, weight: Number(weight), priority: Number(priority), isDraining: draining === true },
  };
}

function isInteger(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

const MISSING = { ok: false, problem: 'must be a URL such as http://10.0.0.1:8080' } as const;
/** All discovered endpoints of a service are spoken to in the same way. */
const NOT_HERE =
  'must be written with http://; `tls` of the service says that its endpoints have TLS, and `connections.http2: always` that they speak HTTP/2';
/** Those of the configuration. */
const MAX_WEIGHT = 1000;
const MAX_PRIORITY = 15;
const MAX_ZONE_LENGTH = 128;
