import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig, RouteConfig } from '../resolved.ts';
import { servicesOf } from '../resolve/target-services.ts';
import type { Check } from './check.ts';

/** Somebody who keeps callers where they were with a cookie. */
interface Keeper {
  readonly name: string;
  readonly cookie: string;
  readonly path: Path;
  /** Where browsers meet the cookie; empty: on every host. */
  readonly hosts: readonly string[];
}

/**
 * Each cookie that keeps callers somewhere has a name of its own: a browser has one of a name and host, so two who write it
 * take each other's callers away with every answer.
 */
export const stickyCookiesDiffer: Check = (config) => {
  const keepers = keepersOf(config);
  return keepers.flatMap((keeper, index): Draft[] => {
    const before = keepers.slice(0, index).find((other) => areMixedUp(keeper, other));
    if (before === undefined) return [];
    const message = `${keeper.name}: has the cookie ${keeper.cookie} as ${before.name} does, so each undoes what the other set; name another one`;
    return [{ code: 'CONFLICT', message, path: keeper.path, severity: 'warning' }];
  });
};

function keepersOf({ services, routes }: GatewayConfig): Keeper[] {
  return [
    ...services.flatMap(({ id, balancer }): Keeper[] => {
      if (balancer.kind !== 'sticky') return [];
      const led = routes.filter(({ target }) => servicesOf(target).includes(id));
      if (led.length === 0) return [];
      const place = { name: `services.${id}.balancer`, path: ['services', id, 'balancer', 'sticky'] };
      return [{ ...place, cookie: balancer.cookie, hosts: hostsOf(led) }];
    }),
    ...routes.flatMap(({ id, target, match }): Keeper[] => {
      if (target.kind !== 'split' || target.sticky === null) return [];
      const place = { name: `routes.${id}.split`, path: ['routes', id, 'split', 'sticky'] };
      return [{ ...place, cookie: target.sticky.cookie, hosts: match.hosts }];
    }),
  ];
}

function hostsOf(routes: readonly RouteConfig[]): readonly string[] {
  const all = routes.map(({ match }) => match.hosts);
  return all.some((hosts) => hosts.length === 0) ? [] : all.flat();
}

/** A pattern may be any host: of those nothing is said. */
function areMixedUp(one: Keeper, other: Keeper): boolean {
  if (one.cookie !== other.cookie) return false;
  return (
    one.hosts.length === 0 || other.hosts.length === 0 || one.hosts.some((host) => other.hosts.includes(host))
  );
}
