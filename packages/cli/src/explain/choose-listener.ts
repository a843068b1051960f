import type { GatewayConfig, ListenerConfig } from '@turnpike/config';
import { UsageError } from '../exit-codes.ts';

/** What of a URL tells where its request comes in. */
export interface Entrance {
  /** null: only a path was written. */
  readonly scheme: 'http' | 'https' | null;
  readonly host: string;
  /** null: none was written. */
  readonly port: number | null;
}

/** What a configuration tells of listeners. */
export type Doors = Pick<GatewayConfig, 'listeners' | 'certificates'>;

/**
 * The listener that a request comes in by: the one that was named, or the one of the port that speaks what the URL says. Ports of the
 * outside are often others, so else one that speaks it and has a certificate for the host, one that speaks it, or the first.
 */
export function chooseListener(wanted: string | undefined, entrance: Entrance, doors: Doors): string {
  const { listeners } = doors;
  const names = listeners.map(({ id }) => id);
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new UsageError(`there is no listener "${wanted}"; there are: ${names.join(', ')}`);
  }
  const best = listeners
    .map((listener) => ({ id: listener.id, fit: fitOf(listener, entrance, doors) }))
    .toSorted((a, b) => b.fit - a.fit)[0];
  return best?.id ?? '';
}

function fitOf(listener: ListenerConfig, { scheme, host, port }: Entrance, doors: Doors): number {
  const speaks = scheme === null || (scheme === 'https') === (listener.tls !== null);
  const isAt = listener.address.port === (port ?? (scheme === 'https' ? 443 : 80));
  const knows = listener.tls !== null && namesOf(listener, doors).some((name) => isNameOf(name, host));
  return (isAt && (speaks || port !== null) ? 4 : 0) + (speaks ? 2 : 0) + (speaks && knows ? 1 : 0);
}

/** Names on the certificates that it shows. */
function namesOf({ id, tls }: ListenerConfig, { certificates }: Doors): readonly string[] {
  const own = tls?.certificates.flatMap((one) => (one.kind === 'files' ? one.names : one.domains)) ?? [];
  const shared = certificates.filter(({ listeners }) => listeners?.includes(id) ?? true);
  return [...own, ...shared.flatMap(({ names }) => names)];
}

function isNameOf(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1));
}
