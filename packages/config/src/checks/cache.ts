import type { Draft } from '../issue.ts';
import { servicesOf } from '../resolve/target-services.ts';
import { isOwn, placeOf, type HolderCheck } from './holders.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** Only what a service says is kept. The defaults may hold the policy for those routes that have one. */
export const onlyServicesAreCached: HolderCheck = (holder) => {
  const { own, route, path } = holder;
  if (!isOwn(holder, 'cache') || own.cache === 'off' || servicesOf(route.target).length > 0) return [];
  const message = `${ownerOf(path)}: cache has no effect without a service; remove it`;
  return [{ code: 'CONFLICT', message, from: [path], ...placeOf(holder, ['cache']) }];
};

/** What is shared in Redis needs one. */
export const cachesExist: PolicyCheck = ({ path, policies: { cache } }, { stores }) => {
  if (cache === null || cache === 'off' || cache.store !== 'redis' || stores.redis !== null) return [];
  const message = `${ownerOf(path)}: the cache is shared in Redis, but there is none; add stores: { redis: { url: "redis://127.0.0.1:6379" } }`;
  return [{ code: 'CONFLICT', message, path: [...path, 'cache', 'store'], from: [['stores', 'redis']] }];
};

/** What varies by these is different for everybody: it would only fill the memory. */
export const keysAreShared: PolicyCheck = ({ path, policies: { cache } }) => {
  if (cache === null || cache === 'off') return [];
  return cache.key.headers.flatMap((name, i): Draft[] => {
    if (!NEVER_SHARED.has(name)) return [];
    const message = `${ownerOf(path)}: ${name} is no header to tell responses apart by; use key: { identity: always } for responses of each caller`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'cache', 'key', 'headers', i] }];
  });
};

/** What a bad head provokes would be given to all who ask properly. */
export const headErrorsAreTold: PolicyCheck = ({ path, policies: { cache } }) => {
  if (cache === null || cache === 'off' || cache.headErrors === 'refuse') return [];
  const message = `${ownerOf(path)}: with headErrors: explicit, whoever sends a head that the service refuses may have the error given to all; keep it only where the service lets no such error be stored`;
  return [{ code: 'INSECURE', message, path: [...path, 'cache', 'headErrors'], severity: 'warning' }];
};

/** Somebody's session would be given to all. */
export const cookiesAreNotShared: PolicyCheck = ({ path, policies: { cache } }) => {
  if (cache === null || cache === 'off' || cache.setCookie !== 'keep') return [];
  const message = `${ownerOf(path)}: with setCookie: keep, all get the cookie that was made for the first who asked; keep it only where no cookie says who somebody is`;
  return [{ code: 'INSECURE', message, path: [...path, 'cache', 'setCookie'], severity: 'warning' }];
};

const NEVER_SHARED: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);
