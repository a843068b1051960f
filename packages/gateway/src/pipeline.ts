import type { RouteConfig } from '@turnpike/config';
import type { Expression } from '@turnpike/config/expression';
import type { AddressLists } from './core/addresses/address-lists.ts';
import type { BrowserLogin } from './core/browser-login.ts';
import type { DecisionsOf } from './core/decisions.ts';
import type { Handler } from './core/exchange.ts';
import type { Identities } from './core/identity.ts';
import type { Clock, Log } from './core/ports.ts';
import { stack } from './core/stack.ts';
import { authenticate } from './stages/authenticate/authenticate.ts';
import { authorize } from './stages/authorize/authorize.ts';
import type { DecisionPoints } from './stages/authorize/external/decision-points.ts';
import { errorBodies } from './stages/error-bodies/error-bodies.ts';
import { forwardIdentity, type IdentitySigner } from './stages/forward-identity/forward-identity.ts';
import { ipAccess } from './stages/ip-access/ip-access.ts';
import { limitBody } from './stages/limit-body/limit-body.ts';
import { login } from './stages/login/login.ts';
import { redirect } from './stages/redirect/redirect.ts';
import { rescue } from './stages/rescue/rescue.ts';
import { respond } from './stages/respond/respond.ts';
import { rewrite } from './stages/rewrite/rewrite.ts';
import { timeout } from './stages/timeout/timeout.ts';
import type { ServiceTokens } from './stages/upstream-credentials/service-tokens.ts';
import { upstreamCredentials } from './stages/upstream-credentials/upstream-credentials.ts';
import { forward } from './upstream/forward.ts';
import type { Services, UpstreamPorts } from './upstream/service.ts';

/** What the stages know of callers. */
export interface Access {
  readonly addresses: AddressLists;
  readonly identities: Identities;
  readonly login: (provider: string) => BrowserLogin;
  readonly decisionPoints: DecisionPoints;
  readonly compileExpression: (text: string) => Expression;
  readonly serviceTokens: ServiceTokens;
  readonly signer: IdentitySigner;
  /** Answers with the keys of the signer. */
  readonly publishedKeys: Handler;
}

/** What the stages reach the world through. */
export interface Ports extends UpstreamPorts {
  readonly services: Services;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this route. */
  readonly decisions: DecisionsOf;
}

/**
 * What happens to a request of this route, outermost stage first: reading order is running order, and this is the only
 * place where it is written. A stage that the route does not configure is not in its stack.
 */
export function pipeline(route: RouteConfig, names: readonly string[], ports: Ports): Handler {
  const { policies } = route;
  const { access, decisions } = ports;
  return stack()
    .through(errorBodies(policies.errors))
    .through(rescue(ports.log))
    .through(ipAccess(policies.ipAccess, { addresses: access.addresses, decisions }))
    .through(authenticate(policies.authenticate, { identities: access.identities, decisions }))
    .through(
      authorize(
        policies.authorize,
        { names, route: route.id },
        {
          decisionPoints: access.decisionPoints,
          compileExpression: access.compileExpression,
          clock: ports.clock,
          decisions,
        },
      ),
    )
    .through(limitBody(policies.bodyBytes))
    .through(timeout(policies.timeoutMs, ports.wheel))
    .through(rewrite(route.rewrite, names))
    .through(
      upstreamCredentials(policies.upstreamCredentials, {
        tokens: access.serviceTokens,
        decisions: decisions('upstreamCredentials'),
      }),
    )
    .through(forwardIdentity(policies.forwardIdentity, { signer: access.signer, service: serviceOf(route) }))
    .to(target(route, names, ports));
}

function serviceOf({ target }: RouteConfig): string {
  return target.kind === 'service' ? target.service : '';
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
    case 'login':
      return login(target, ports.access);
    case 'published-keys':
      return ports.access.publishedKeys;
    default:
      return target satisfies never;
  }
}
