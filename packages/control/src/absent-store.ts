import { NoDatabase, type Page, type Store } from './domain/store.ts';

const page = <T>(): Promise<Page<T>> => Promise.resolve({ items: [], next: null });
const none = () => Promise.resolve(null);
const nothing = () => Promise.resolve([]);
const refused = () => Promise.reject(new NoDatabase());

/**
 * What a gateway without database has of one: nothing to read, and nothing to write to. So that everything that can be seen without one
 * is seen, and who wants to change something is told what is missing.
 */
export function absentStore(): Store {
  return {
    objects: { find: none, list: page, at: nothing, changed: nothing, history: page },
    revisions: { head: () => Promise.resolve(0), find: none, summary: none, list: page, commit: refused },
    keys: {
      create: refused,
      find: none,
      list: page,
      update: refused,
      touch: () => Promise.resolve(),
      changed: nothing,
    },
    workspaces: { find: none, list: nothing, put: refused, remove: refused },
    tokens: { create: refused, list: nothing, remove: refused, touch: () => Promise.resolve() },
    // Who does what is told in the log as well.
    audit: { add: () => Promise.resolve(), list: page },
    fleet: {
      report: () => Promise.resolve(),
      nodes: nothing,
      forget: () => Promise.resolve(),
      rollout: none,
      rollouts: page,
      advance: refused,
      alone: () => Promise.resolve(false),
    },
    position: () => Promise.resolve({ head: 0, keyChange: 0, history: '', madeAt: null }),
    shared: {
      read: refused,
      write: refused,
      create: refused,
      remove: refused,
      takeLease: refused,
      renewLease: refused,
      releaseLease: refused,
    },
    agree: (_name, proposal) => Promise.resolve(proposal),
    listen: () => () => {},
    close: () => Promise.resolve(),
  };
}
