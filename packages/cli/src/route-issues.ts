import type { GatewayConfig, Issue, RouteConfig } from '@turnpike/config';
import { checkRoutes } from './gateway.ts';

/**
 * What only compiling the routes brings to light: patterns that the table refuses, and routes that want the same requests.
 * The latter are warnings, because the order of the names decides between them; it is seldom what somebody meant.
 */
export function routeIssues({ routes }: GatewayConfig): readonly Issue[] {
  const { problems, conflicts } = checkRoutes(routes.map(patternOf));
  const byId = new Map(routes.map((route) => [route.id, route]));
  return [
    ...problems.flatMap(({ route, field, message }) =>
      issueAt(byId.get(route), {
        code: 'BAD_VALUE',
        severity: 'error',
        message: `routes.${route}.match.${field}: ${message}`,
      }),
    ),
    ...conflicts.flatMap(({ winner, loser, path, hosts }) =>
      issueAt(byId.get(loser), {
        code: 'CONFLICT',
        severity: 'warning',
        message:
          `routes.${loser}: wants requests that ${winner} gets as well (${path} on ${hosts.join(', ')}); ` +
          `${winner} has them, because its name comes first`,
      }),
    ),
  ];
}

const patterns = new WeakMap<RouteConfig, Parameters<typeof checkRoutes>[0][number]>();

/** The same for the same route: what was made of it once is known by it, and after a reload most are the same. */
function patternOf(route: RouteConfig): Parameters<typeof checkRoutes>[0][number] {
  const known = patterns.get(route) ?? { id: route.id, ...route.match, payload: '' };
  patterns.set(route, known);
  return known;
}

function issueAt(
  route: RouteConfig | undefined,
  fields: Pick<Issue, 'code' | 'severity' | 'message'>,
): Issue[] {
  if (route === undefined) return [];
  return [{ ...fields, ...route.origin, pointer: `/routes/${pointerPart(route.id)}` }];
}

/** RFC 6901 §3. */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
