import { readEndpointEntry } from '@turnpike/config';
import { INSTANCE_NAME, LEASE_SECONDS, METADATA, type NewInstance } from '../upstream/discover/instance.ts';

/** Something that is wrong with what registers; the pointer (RFC 6901) is into the body, or `''` for the whole of it. */
export interface InstanceFault {
  readonly pointer: string;
  readonly message: string;
}

/** An instance that was understood, or everything that is wrong with it. */
export type ReadInstance =
  | { readonly ok: true; readonly instance: NewInstance; readonly saysDraining: boolean }
  | { readonly ok: false; readonly faults: readonly InstanceFault[] };

/** Reads what registers: `url`, and if it likes `weight`, `zone`, `priority`, `draining`, `ttlSeconds` and `metadata`. */
export function readInstance(service: string, id: string, body: unknown): ReadInstance {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, faults: [{ pointer: '', message: 'must be an object with a `url`' }] };
  const { ttlSeconds = LEASE_SECONDS.usual, metadata = {}, ...rest } = { ...body } as Record<string, unknown>;
  const entry = readEndpointEntry(rest);
  const faults = [
    ...nameFaults(service, id),
    ...(entry.ok ? [] : entry.faults.map(({ member, problem }) => fault(member, problem))),
    ...leaseFaults(ttlSeconds),
    ...metadataFaults(metadata),
  ];
  if (!entry.ok || faults.length > 0) return { ok: false, faults: faults.slice(0, MAX_FAULTS) };
  const { host, port, weight, zone, priority, isDraining } = entry.value;
  const endpoint = { host, port, weight, zone, priority, isDraining };
  const leaseSeconds = Number(ttlSeconds);
  const instance = {
    id,
    service,
    endpoint,
    leaseSeconds,
    metadata: { ...(metadata as Record<string, string>) },
  };
  return { ok: true, instance, saysDraining: 'draining' in rest };
}

function nameFaults(service: string, id: string): readonly InstanceFault[] {
  const what = 'in the path must have 1 to 128 letters, digits, or one of _ . : - (not at its beginning)';
  return [
    ...(INSTANCE_NAME.test(service) ? [] : [{ pointer: '', message: `the service ${what}` }]),
    ...(INSTANCE_NAME.test(id) ? [] : [{ pointer: '', message: `the instance ${what}` }]),
  ];
}

function leaseFaults(ttlSeconds: unknown): readonly InstanceFault[] {
  const { least, most } = LEASE_SECONDS;
  const isLease = typeof ttlSeconds === 'number' && Number.isInteger(ttlSeconds);
  if (isLease && ttlSeconds >= least && ttlSeconds <= most) return [];
  return [fault('ttlSeconds', `must be a whole number from ${least} to ${most}`)];
}

function metadataFaults(metadata: unknown): readonly InstanceFault[] {
  const { entries, keyLength, valueLength } = METADATA;
  const texts = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!texts) return [fault('metadata', 'must be an object of texts')];
  const all = Object.entries(metadata);
  if (all.length > entries) return [fault('metadata', `must have at most ${entries} entries`)];
  return all.flatMap(([key, value]) => {
    const isShort = typeof value === 'string' && value.length <= valueLength && key.length <= keyLength;
    const rule = `must be a text of at most ${valueLength} characters, under a key of at most ${keyLength}`;
    return isShort ? [] : [fault(`metadata/${escaped(key)}`, rule)];
  });
}

function fault(member: string, message: string): InstanceFault {
  return { pointer: member === '' ? '' : `/${member.slice(0, MAX_POINTER_LENGTH)}`, message };
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** An answer is not the place to repeat all that somebody sent. */
const MAX_FAULTS = 20;
const MAX_POINTER_LENGTH = 128;
