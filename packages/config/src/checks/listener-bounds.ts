import type { Draft } from '../issue.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** A priority in a header is believed of trusted proxies, so there are some. */
export const prioritiesAreVouchedFor: PolicyCheck = ({ path, policies: { priority } }, { listeners }) => {
  if (priority === null || typeof priority === 'string' || priority.header === null) return [];
  if (listeners.some(({ trustedProxies }) => trustedProxies.length > 0)) return [];
  const message = `${ownerOf(path)}: priority.header is believed of trusted proxies, but no listener has any`;
  return [{ code: 'NO_EFFECT', message, path: [...path, 'priority', 'header'], severity: 'warning' }];
};

/** A route cannot allow more header fields than the listener, which has refused the request before. */
export const headersCanCome: PolicyCheck = ({ path, policies: { limits } }, { listeners }): Draft[] => {
  if (limits === null || limits === 'off' || limits.headerCount === null) return [];
  const most = Math.max(...listeners.map((listener) => listener.limits.headerCount));
  if (limits.headerCount <= most || listeners.length === 0) return [];
  const message = `${ownerOf(path)}: limits.headerCount is above the ${most} that listeners let come; raise limits.headerCount of the listener`;
  return [{ code: 'NO_EFFECT', message, path: [...path, 'limits', 'headerCount'], severity: 'warning' }];
};
