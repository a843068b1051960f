import { randomUUID } from 'node:crypto';
import type { SharedStorage } from './gateway-port.ts';
import { type Place, type Sealer, SHARED_KIND } from './domain/sealer.ts';
import type { SharedTextStore } from './domain/store.ts';

/** What gateways share in the database, sealed: whoever has the database and not the keys can do nothing with it. */
export function sharedStorage(store: () => SharedTextStore, sealer: () => Sealer): SharedStorage {
  const seal = (name: string, text: string): string => sealer().seal(text, place(name));
  return {
    isShared: true,
    async read(name) {
      const sealed = await store().read(name);
      return sealed === null ? null : sealer().open(sealed, place(name));
    },
    write: async (name, text) => store().write(name, seal(name, text)),
    create: async (name, text) => store().create(name, seal(name, text)),
    remove: async (name) => store().remove(name),
    async lock(name, leaseMs) {
      const lease = { holder: randomUUID(), leaseMs };
      if (!(await store().takeLease(name, lease))) return null;
      return {
        renew: () => store().renewLease(name, lease),
        release: () => store().releaseLease(name, lease.holder),
      };
    },
  };
}

/** Each is good under its own name only. */
function place(name: string): Place {
  return { kind: SHARED_KIND, name, pointer: '' };
}
