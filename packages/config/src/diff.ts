import type { GatewayConfig } from './resolved.ts';
import { isSameMeaning } from './same.ts';
import { hasSameParts } from './same-parts.ts';

/** One difference between two configurations. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly section:
    | 'listener'
    | 'certificate'
    | 'service'
    | 'identity provider'
    | 'consumer'
    | 'list'
    | 'stores'
    | 'document'
    | 'route'
    | 'unrouted'
    | 'admin'
    | 'telemetry'
    | 'runtime';
  /** The name of the entry, or the path of the document; for sections without entries, that of the section. */
  readonly id: string;
}

interface Entry {
  readonly id: string;
}

/**
 * What a new configuration changes, for the log of a reload and for what must be restarted.
 *
 * Compares resolved JSON, so that writing a default out is no change, and neither is moving a route to
 * another line or file.
 */
export function diffConfig(before: GatewayConfig, after: GatewayConfig): readonly Change[] {
  return [
    ...diffEntries('listener', before.listeners, after.listeners),
    ...diffEntries('certificate', before.certificates, after.certificates),
    ...diffEntries('service', before.services, after.services),
    ...diffEntries('identity provider', before.identityProviders, after.identityProviders),
    ...diffEntries('consumer', before.consumers, after.consumers),
    ...diffEntries('list', before.lists, after.lists),
    ...diffEntries('stores', entry('stores', before.stores), entry('stores', after.stores)),
    ...diffEntries('document', documentsOf(before), documentsOf(after)),
    ...diffEntries('route', before.routes, after.routes),
    ...diffEntries('unrouted', entry('unrouted', before.unrouted), entry('unrouted', after.unrouted)),
    ...diffEntries('admin', entry('admin', before.admin), entry('admin', after.admin)),
    ...diffEntries('telemetry', entry('telemetry', before.telemetry), entry('telemetry', after.telemetry)),
    ...diffEntries('runtime', entry('runtime', before.runtime), entry('runtime', after.runtime)),
  ];
}

function documentsOf({ documents }: GatewayConfig): readonly Entry[] {
  return Object.entries(documents).map(([id, text]) => ({ id, text }));
}

function entry(id: string, value: object | null): Entry[] {
  return value === null ? [] : [{ ...value, id }];
}

function diffEntries(
  section: Change['section'],
  before: readonly Entry[],
  after: readonly Entry[],
): Change[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const kept = new Set<string>();
  const changes = after.flatMap((one): Change[] => {
    kept.add(one.id);
    const was = old.get(one.id);
    if (was === undefined) return [{ kind: 'added', section, id: one.id }];
    return hasSameParts(was, one) || isSameMeaning(was, one)
      ? []
      : [{ kind: 'changed', section, id: one.id }];
  });
  const removed = [...old.keys()].filter((id) => !kept.has(id));
  return [...changes, ...removed.map((id): Change => ({ kind: 'removed', section, id }))];
}
