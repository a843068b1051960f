import type { Draft } from '../issue.ts';
import type { RouteCheck } from './check.ts';

/** A route with several services shares its requests among them, and says nothing of sharing otherwise. */
export const splitsAreClear: RouteCheck = ({ routes }, _, document) =>
  routes.flatMap(({ id, target }): Draft[] => {
    const path = ['routes', id];
    if (target.kind !== 'split') {
      if ((document.routes.get(id)?.split ?? null) === null) return [];
      const message = `routes.${id}: split needs services, such as services: { stable: 90, canary: 10 }`;
      return [{ code: 'CONFLICT', message, path: [...path, 'split'], at: 'key' }];
    }
    if (target.sides.length < 2) {
      const message = `routes.${id}: services has fewer than two; use service for one`;
      return [{ code: 'CONFLICT', message, path: [...path, 'services'], at: 'key' }];
    }
    if (target.sides.some(({ weight }) => weight > 0)) return [];
    const message = `routes.${id}: services have no share at all; give one of them more than 0`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'services'], at: 'key' }];
  });

/** A header that says which side is believed of trusted proxies only, so one must be able to come. */
export const overridesCanCome: RouteCheck = ({ routes, listeners }) => {
  const trusting = new Set(
    listeners.filter(({ trustedProxies }) => trustedProxies.length > 0).map(({ id }) => id),
  );
  return routes.flatMap(({ id, target, match }): Draft[] => {
    if (target.kind !== 'split' || target.override === null) return [];
    const doors = match.listeners.length > 0 ? match.listeners : listeners.map((listener) => listener.id);
    if (doors.some((door) => trusting.has(door))) return [];
    const message = `routes.${id}: split.override is believed of trusted proxies only, but no listener of the route has trustedProxies`;
    return [{ code: 'NO_EFFECT', message, path: ['routes', id, 'split', 'override'], severity: 'warning' }];
  });
};
