import type { AuthenticateConfig, McpConfig, RouteConfig } from '@turnpike/config';
import type { AddressLists } from './core/addresses/address-lists.ts';
import type { Gates } from './admission/gates.ts';
import type { CountShed, SelfProtection } from './core/admission.ts';
import type { BrowserLogin } from './core/browser-login.ts';
import type { DecisionsOf } from './core/decisions.ts';
import type { Handler } from './core/exchange.ts';
import type { GrpcSchemas } from './core/grpc-schema.ts';
import type { Identities } from './core/identity.ts';
import { McpMessages } from './core/mcp/message.ts';
import type { CacheSharing } from './core/shared-cache.ts';
import type { Clock, Log } from './core/ports.ts';
import type { OpenStreams } from './core/open-streams.ts';
import { stack } from './core/stack.ts';
import type { SocketTally } from './core/stream-end.ts';
import { routeExpressions, type Compilers } from './route-expressions.ts';
import type { RouteWatch } from './stage-names.ts';
import { admission } from './stages/admission/admission.ts';
import { authenticate } from './stages/authenticate/authenticate.ts';
import { authorize } from './stages/authorize/authorize.ts';
import type { DecisionPoints } from './stages/authorize/external/decision-points.ts';
import { cache } from './stages/cache/cache.ts';
import type { RouteMemory } from './stages/cache/fetch.ts';
import type { BreakerOf } from './stages/circuit-breaker/breakers.ts';
import { circuitBreaker } from './stages/circuit-breaker/circuit-breaker.ts';
import { compress } from './stages/compress/compress.ts';
import type { EncodedBodies } from './stages/compress/encoded-body.ts';
import { concurrency, type KeyCounts } from './stages/concurrency/concurrency.ts';
import { cors } from './stages/cors/cors.ts';
import { errorBodies } from './stages/error-bodies/error-bodies.ts';
import { eventStream } from './stages/event-stream/event-stream.ts';
import { fallback } from './stages/fallback/fallback.ts';
import { fault } from './stages/fault/fault.ts';
import { forwardIdentity, type IdentitySigner } from './stages/forward-identity/forward-identity.ts';
import type { DocumentPorts } from './stages/graphql/documents.ts';
import { graphql, type GraphqlPorts } from './stages/graphql/graphql.ts';
import { graphqlErrors } from './stages/graphql/graphql-errors.ts';
import { ipAccess } from './stages/ip-access/ip-access.ts';
import { limitBody } from './stages/limit-body/limit-body.ts';
import { limitContent } from './stages/limit-content/limit-content.ts';
import { limitMessages } from './stages/limit-messages/limit-messages.ts';
import { limitHead } from './stages/limit-head/limit-head.ts';
import { login } from './stages/login/login.ts';
import { mcpMessage } from './stages/mcp-message/mcp-message.ts';
import type { Copies } from './stages/mirror/copies.ts';
import { mirror } from './stages/mirror/mirror.ts';
import type { LimitCounters } from './stages/rate-limit/limit.ts';
import { rateLimit } from './stages/rate-limit/rate-limit.ts';
import type { Plugin } from './stages/plugins/plugin.ts';
import { plugins } from './stages/plugins/plugins.ts';
import { redirect } from './stages/redirect/redirect.ts';
import { rescue } from './stages/rescue/rescue.ts';
import { protectedResource, resourceMetadata } from './stages/resource-metadata/resource-metadata.ts';
import { respond } from './stages/respond/respond.ts';
import { rewrite } from './stages/rewrite/rewrite.ts';
import { securityHeaders } from './stages/security-headers/security-headers.ts';
import { selfProtection } from './stages/self-protection/self-protection.ts';
import { split } from './stages/split/split.ts';
import { timeout } from './stages/timeout/timeout.ts';
import { transform } from './stages/transform/transform.ts';
import type { ServiceTokens } from './stages/upstream-credentials/service-tokens.ts';
import { websocket } from './stages/websocket/websocket.ts';
import { validate, type CompileContract } from './stages/validate/validate.ts';
import { upstreamCredentials } from './stages/upstream-credentials/upstream-credentials.ts';
import { mcp } from './translate/mcp/mcp.ts';
import type { McpPlan, McpPorts, ToolSources } from './translate/mcp/ports.ts';
import type { SoapPorts } from './translate/soap/soap.ts';
import { methodCalls, translation } from './translate/translate.ts';
import { forward } from './upstream/forward.ts';
import type { UpstreamPorts } from './upstream/service.ts';
import type { Services } from './upstream/services.ts';

/** What the stages know of callers, and where they count them. Made anew for each snapshot. */
export interface Access {
  readonly addresses: AddressLists;
  readonly identities: Identities;
  readonly login: (provider: string) => BrowserLogin;
  readonly decisionPoints: DecisionPoints;
  readonly compilers: Compilers;
  readonly counters: LimitCounters;
  readonly keyCounts: KeyCounts;
  readonly gates: Pick<Gates, 'of'>;
  /** Of this thread; null: it is switched off. */
  readonly protection: SelfProtection | null;
  readonly breakerOf: BreakerOf;
  /** Under way in this thread. */
  readonly copies: Copies;
  /** Signs cookies that keep callers where they were; null: nothing needs it. */
  readonly stickyKey: Uint8Array | null;
  /** The memory for the responses of a route. */
  readonly cacheOf: (route: string) => RouteMemory;
  /** The plugins of a route, made ready for it. */
  readonly pluginsOf: (route: RouteConfig, names: readonly string[]) => readonly Plugin[];
  /** What gateways share of responses; null: nothing. */
  readonly sharing: CacheSharing | null;
  readonly compileContract: CompileContract;
  /** Descriptions of MCP tools, but for those of gRPC. */
  readonly tools: Omit<ToolSources, 'grpc'>;
  readonly graphql: DocumentPorts;
  readonly serviceTokens: ServiceTokens;
  /** What is known of the gRPC services behind each service. */
  readonly grpcSchemas: GrpcSchemas;
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
  /** Who watches the stages; null: nobody. */
  readonly watch: RouteWatch | null;
  /** Of this route. */
  readonly decisions: DecisionsOf;
  /** Of this route, whatever their slots. */
  readonly plugins: readonly Plugin[];
  readonly countShed: CountShed;
  readonly countTool: McpPorts['countCall'];
  readonly countOperation: GraphqlPorts['countOperation'];
  readonly countSoap: SoapPorts['countSoap'];
  /** Of this route. */
  readonly sockets: SocketTally;
  /** Of this thread. */
  readonly streams: OpenStreams;
  /** Of this thread. */
  readonly encodedBodies: EncodedBodies;
}

/**
 * What happens to a request of this route, outermost stage first: reading order is running order, and this is the only
 * place where it is written. A stage that the route does not configure is not in its stack.
 */
export function pipeline(route: RouteConfig, names: readonly string[], ports: Ports): Handler {
  const { policies } = route;
  const { access, decisions, random } = ports;
  const facts = { route: route.id, names };
  const expressions = routeExpressions(access.compilers, facts, ports.clock);
  const messages = new McpMessages();
  const limiting = { counters: access.counters, expressions, decisions, random };
  return stack(ports.watch?.route)
    .through(errorBodies(policies.errors))
    .through(graphqlErrors(policies.graphql))
    .through(securityHeaders(policies.securityHeaders, { decisions }))
    .through(ipAccess(policies.ipAccess, { addresses: access.addresses, decisions }))
    .through(cors(policies.cors, { methods: route.match.methods }, { decisions }))
    .through(rescue(ports.log))
    .through(compress(policies.compress, { decisions, encodedBodies: ports.encodedBodies }))
    .through(selfProtection(policies.priority, sheddingOf(ports)))
    .through(timeout(policies, ports.wheel))
    .through(rateLimit(policies.rateLimit, { ...facts, stage: 'early' }, limiting))
    .through(limitHead(policies, { decisions }))
    .through(resourceMetadata(route))
    .through(plugins('before-authenticate', ports))
    .through(authenticate(policies.authenticate, { identities: access.identities, decisions }))
    .through(
      authorize(policies.authorize, facts, {
        decisionPoints: access.decisionPoints,
        compileExpression: access.compilers.compileExpression,
        challenges: challengesOf(policies.authenticate, access),
        clock: ports.clock,
        decisions,
      }),
    )
    .through(plugins('after-authorize', ports))
    .through(websocket(policies.websocket, route, ports))
    .through(eventStream(policies.eventStream, route, ports))
    .through(limitBody(policies, { decisions }))
    .through(limitContent(policies, { decisions }))
    .through(
      mcpMessage(
        { target: route.target, cors: policies.cors, hosts: route.match.hosts },
        { messages, decisions },
      ),
    )
    .through(
      validate(policies.validate, facts, {
        compileContract: access.compileContract,
        decisions,
        log: ports.log,
      }),
    )
    .through(
      graphql(policies.graphql, { ...access.graphql, decisions, countOperation: ports.countOperation }),
    )
    .through(rateLimit(policies.rateLimit, { ...facts, stage: 'late' }, limiting))
    .through(concurrency(policies.concurrency, facts, { counts: access.keyCounts, expressions, decisions }))
    .through(transform(policies.transform, facts, { decisions }))
    .through(plugins('before-cache', ports))
    .through(cache(policies.cache, route, { ...ports, memoryOf: access.cacheOf, sharing: access.sharing }))
    .through(rewrite(route.rewrite, names))
    .through(
      upstreamCredentials(policies.upstreamCredentials, {
        tokens: access.serviceTokens,
        decisions: decisions('upstreamCredentials'),
      }),
    )
    .through(fallback(policies.fallback, { answer: inPlaceOf(route, ports), decisions }))
    .through(mirror(policies.mirror, { send: copiesOf(route, ports), ...ports, copies: access.copies }))
    .to(target(route, { names, messages }, ports));
}

/** What answers when the service does not. Drills are about the service itself. */
function inPlaceOf(route: RouteConfig, ports: Ports): Handler {
  const { fallback } = route.policies;
  if (fallback === null) return nobody;
  return fallback.kind === 'respond'
    ? respond(fallback)
    : towards(fallback.service, { ...route, policies: { ...route.policies, fault: null } }, ports);
}

/** The way of copies: those of a service that has enough to do are the first to be shed, and nothing is tried again for them. */
function copiesOf(route: RouteConfig, ports: Ports): Handler {
  const { mirror } = route.policies;
  if (mirror === null) return nobody;
  const priority = { level: 'bulk', header: null, plans: {} } as const;
  const policies = { ...route.policies, priority, fault: null, retry: null, hedge: null };
  const uncounted = { countOperation: noCount, countSoap: noCount };
  return towards(mirror.service, { ...route, policies }, { ...ports, ...uncounted });
}

/** What a copy asks for was counted with what it is a copy of. */
const noCount = (): void => {};

/** Of a route that does not have the stage. */
const nobody: Handler = () => Promise.reject(new Error('Nobody was to be asked'));

/** The rest of the way, for each service that the route may lead to. */
function towards(id: string, route: RouteConfig, ports: Ports): Handler {
  const { policies } = route;
  const { access } = ports;
  const service = ports.services.get(id);
  if (service === undefined) throw new Error(`Route ${route.id}: there is no service ${id}`);
  return stack(ports.watch?.service)
    .through(
      translation(route.translate, {
        service: id,
        schemas: access.grpcSchemas,
        log: ports.log,
        graphql: { ...access.graphql, countOperation: ports.countOperation },
        soap: ports,
      }),
    )
    .through(limitMessages(policies, { decisions: ports.decisions }))
    .through(plugins('before-service', ports))
    .through(
      circuitBreaker(access.breakerOf(id), { service: id, timeoutMs: policies.timeoutMs }, ports.clock),
    )
    .through(forwardIdentity(policies.forwardIdentity, { signer: access.signer, service: id }))
    .through(
      admission(
        { service: id, priority: policies.priority },
        {
          gate: access.gates.of(id, { id: route.id, timeoutMs: policies.timeoutMs }),
          ...sheddingOf(ports),
        },
      ),
    )
    .through(fault(policies.fault, ports))
    .to(
      forward(
        {
          service,
          upgrade: route.upgrade,
          retry: policies.retry,
          hedge: policies.hedge,
          deadlineHeader: policies.deadlineHeader,
        },
        ports,
      ),
    );
}

/** With what stages shed: because the service has enough to do, or this thread. */
function sheddingOf({ access, countShed, decisions, random }: Ports) {
  return { protection: access.protection, countShed, decisions, random };
}

/** What the stages of a route have found out before its target is made, or find out before it is asked. */
interface Known {
  readonly names: readonly string[];
  readonly messages: McpMessages;
}

function target(route: RouteConfig, { names, messages }: Known, ports: Ports): Handler {
  const { target } = route;
  switch (target.kind) {
    case 'service':
      return towards(target.service, route, ports);
    case 'split':
      return split(target, route.id, {
        towards: (service) => towards(service, route, ports),
        random: ports.random,
        stickyKey: ports.access.stickyKey,
      });
    case 'redirect':
      return redirect({ to: target.to, status: target.status, names });
    case 'respond':
      return respond(target);
    case 'login':
      return login(target, ports.access);
    case 'mcp':
      return mcp(mcpPlan(route, target), mcpPorts(route, messages, ports));
    case 'protected-resource':
      return protectedResource(target);
    case 'published-keys':
      return ports.access.publishedKeys;
    default:
      return target satisfies never;
  }
}

function mcpPlan({ id, policies }: RouteConfig, config: McpConfig): McpPlan {
  const { authenticate: proof, upstreamCredentials: own } = policies;
  return {
    config,
    route: id,
    isIdentified: proof !== null && proof.mode === 'on',
    ownsCredentials: own !== null && own.mode === 'on',
  };
}

function mcpPorts(route: RouteConfig, messages: McpMessages, ports: Ports): McpPorts {
  const { access, clock, countTool, decisions, log, wheel } = ports;
  return {
    towards: (service) => towards(service, route, ports),
    towardsMethods: (service) =>
      methodCalls({ service, schemas: access.grpcSchemas, log })(towards(service, route, ports)),
    messages,
    tools: { ...access.tools, grpc: (service) => access.grpcSchemas.of(service) },
    sessionKey: access.stickyKey,
    clock,
    wheel,
    log,
    decisions,
    challenges: challengesOf(route.policies.authenticate, access),
    countCall: countTool,
  };
}

/** How callers of a route may say who they are. */
function challengesOf(config: AuthenticateConfig | null, { identities }: Access): readonly string[] {
  return config === null ? [] : identities.authenticator(config).challenges;
}
