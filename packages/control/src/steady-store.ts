import type { Store } from './domain/store.ts';

/**
 * The store as the admin API sees it: who has changed something is answered when this gateway has taken it over, so that the next
 * request already meets it. Others hear of it within the second.
 */
export function steadyStore(store: Store, takenOver: () => Promise<void>): Store {
  const after = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change;
    await takenOver();
    return result;
  };
  const { revisions, keys } = store;
  return {
    ...store,
    revisions: { ...revisions, commit: (draft) => after(revisions.commit(draft)) },
    keys: {
      ...keys,
      create: (key) => after(keys.create(key)),
      update: (...change) => after(keys.update(...change)),
    },
  };
}
