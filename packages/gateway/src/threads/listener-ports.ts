import type { ListenerConfig } from '@turnpike/config';
import type { SnapshotData } from './protocol.ts';

/** The real port of each listener, by its id. */
export type ListenerPorts = ReadonlyMap<string, number>;

/** The ports that a thread reported for a snapshot. */
export function portsOf({ listeners }: SnapshotData, ports: readonly number[]): ListenerPorts {
  return new Map(listeners.map(({ id }, index) => [id, ports[index] ?? 0]));
}

/**
 * The snapshot with the ports that its "any port" listeners got earlier, so that all threads share one, and a reload or
 * a replaced thread does not move it.
 */
export function withPorts(snapshot: SnapshotData, known: ListenerPorts): SnapshotData {
  if (!needsPort(snapshot)) return snapshot;
  return { ...snapshot, listeners: snapshot.listeners.map((listener) => withPort(listener, known)) };
}

/** Whether a thread has to open a listener before its port is known to the others. */
export function needsPort({ listeners }: SnapshotData): boolean {
  return listeners.some(({ address }) => address.port === 0);
}

function withPort(listener: ListenerConfig, known: ListenerPorts): ListenerConfig {
  const { id, address } = listener;
  if (address.port !== 0) return listener;
  return { ...listener, address: { ...address, port: known.get(id) ?? 0 } };
}
