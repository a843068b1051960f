import type { RouteConfig } from '@turnpike/config';
import type { Handler } from './core/exchange.ts';
import type { Log } from './core/ports.ts';
import { stack } from './core/stack.ts';
import { errorBodies } from './stages/error-bodies/error-bodies.ts';
import { limitBody } from './stages/limit-body/limit-body.ts';
import { redirect } from './stages/redirect/redirect.ts';
import { rescue } from './stages/rescue/rescue.ts';
import { respond } from './stages/respond/respond.ts';
import { rewrite } from './stages/rewrite/rewrite.ts';
import { timeout } from './stages/timeout/timeout.ts';
import { forward } from './upstream/forward.ts';
import type { Services, UpstreamPorts } from './upstream/service.ts';

/** What the stages reach the world through. */
export interface Ports extends UpstreamPorts {
  readonly services: Services;
  readonly log: Log;
}

/**
 * What happens to a request of this route, outermost stage first: reading order is running order, and this is the only
 * place where it is written. A stage that the route does not configure is not in its stack.
 */
export function pipeline(route: RouteConfig, names: readonly string[], ports: Ports): Handler {
  const { policies } = route;
  return stack()
    .through(errorBodies(policies.errors))
    .through(rescue(ports.log))
    .through(limitBody(policies.bodyBytes))
    .through(timeout(policies.timeoutMs, ports.wheel))
    .through(rewrite(route.rewrite, names))
    .to(target(route, names, ports));
}

function target({ id, target, upgrade }: RouteConfig, names: readonly string[], ports: Ports): Handler {
  switch (target.kind) {
    case 'service': {
      const service = ports.services.get(target.service);
      if (service === undefined) throw new Error(`Route ${id}: there is no service ${target.service}`);
      return forward({ service, upgrade }, ports);
    }
    case 'redirect':
      return redirect({ to: target.to, status: target.status, names });
    case 'respond':
      return respond(target);
    default:
      return target satisfies never;
  }
}
