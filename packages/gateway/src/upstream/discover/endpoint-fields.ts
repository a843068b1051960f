import { isIP } from 'node:net';
import type { FoundEndpoint } from './endpoint-source.ts';

/** What a registry says of an endpoint, which may be anything. Undefined or null: it does not say. */
export interface EndpointFields {
  readonly host: unknown;
  readonly port: unknown;
  readonly weight?: unknown;
  readonly zone?: unknown;
  readonly priority?: unknown;
  readonly isDraining?: unknown;
}

/** An endpoint, or why there is none: for people, without any text of the registry. */
export type Reading = FoundEndpoint | { readonly problem: string };

/** Takes only what is well-formed: an endpoint that is not quite understood is none. */
export function readEndpoint(fields: EndpointFields): Reading {
  const { port } = fields;
  const host = hostOf(fields.host);
  if (host === null) return { problem: 'its host is no name and no address' };
  if (!isWhole(port, 1, 65_535)) return { problem: 'its port is no number from 1 to 65535' };
  const weight = fields.weight ?? 1;
  if (!isWhole(weight, 0, MAX_WEIGHT))
    return { problem: `its weight is no whole number from 0 to ${MAX_WEIGHT}` };
  const priority = fields.priority ?? 0;
  if (!isWhole(priority, 0, MAX_PRIORITY))
    return { problem: `its priority is no whole number from 0 to ${MAX_PRIORITY}` };
  const zone = fields.zone ?? null;
  if (!isZone(zone)) return { problem: `its zone is no text of 1 to ${MAX_ZONE_LENGTH} characters` };
  const isDraining = fields.isDraining ?? false;
  if (typeof isDraining !== 'boolean') return { problem: 'its draining is neither true nor false' };
  return { host, port, weight, zone, priority, isDraining };
}

/** `http://host:port`, or an address without scheme: its host and port, or null. */
export function placeOf(text: unknown): { readonly host: string; readonly port: number } | null {
  if (typeof text !== 'string') return null;
  const hasScheme = /^http:\/\//i.test(text);
  const [, name, address, port] =
    /^(?:([\w.-]{1,253})|\[([\da-f:.]{2,45})\])(?::(\d{1,5}))?\/?$/i.exec(hasScheme ? text.slice(7) : text) ??
    [];
  const host = name ?? address;
  if (host === undefined || (port === undefined && !hasScheme)) return null;
  return { host, port: Number(port ?? 80) };
}

/** Those of SRV records (RFC 2782). */
const MAX_WEIGHT = 65_535;
const MAX_PRIORITY = 65_535;
const MAX_ZONE_LENGTH = 128;

const LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/;

function hostOf(text: unknown): string | null {
  // An address with a scope (`fe80::1%eth0`) means something on one machine only.
  if (typeof text !== 'string' || text.length > 254 || text.includes('%')) return null;
  const host = text.toLowerCase();
  if (isIP(host) !== 0) return host;
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return isName(name) ? name : null;
}

/** A name whose last label is a number would be read as an address by some (RFC 1123 §2.1). */
function isName(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isZone(value: unknown): value is string | null {
  if (value === null) return true;
  // No control characters: it is shown to people, and stands in metrics.
  return typeof value === 'string' && value.length <= MAX_ZONE_LENGTH && /^[^\p{C}]+$/u.test(value);
}
