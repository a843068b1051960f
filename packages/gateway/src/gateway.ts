import type { RouteConfig, TargetConfig } from '@turnpike/config';
import { challengeAnswers, type AnswerChallenge } from './acme/challenge-answers.ts';
import { isMisdirected } from './core/certificate-scope.ts';
import type { ProofNews } from './core/desk.ts';
import type { Exchange, FoundTrace, Handler, Reply, Wrapper } from './core/exchange.ts';
import { headersOf } from './core/headers.ts';
import { refuse } from './core/problem.ts';
import type { Clock } from './core/ports.ts';
import { SAMPLED } from './core/trace-context.ts';
import type { Trace } from './core/trace.ts';
import type { DebugRequests } from './debug-requests.ts';
import { keptStreams } from './kept-streams.ts';
import { newMatch } from './match/match.ts';
import { openRouteTable, type RouteTable } from './match/route-table.ts';
import type { ThreadMetrics } from './observe/metrics.ts';
import type { TracedRoute, Tracer } from './observe/traces/tracer.ts';
import { policyDecisions } from './observe/policy-decisions.ts';
import { operationCounter } from './observe/operation-counter.ts';
import { soapCounter } from './observe/soap-counter.ts';
import { shedCounter } from './observe/shed-counter.ts';
import { toolCounter } from './observe/tool-counter.ts';
import { socketTally } from './observe/socket-tally.ts';
import type { RouteMetrics } from './observe/route-metrics.ts';
import { pipeline, type Access, type Ports } from './pipeline.ts';
import { RequestView } from './request-view.ts';
import { askedMethod } from './stages/cors/preflight.ts';
import { securityHeaders } from './stages/security-headers/security-headers.ts';
import { SPANNED, WATCH, type RouteWatch } from './stage-names.ts';
import type { SnapshotData } from './threads/protocol.ts';
import { isWatched, watchDecisions } from './watched-request.ts';

const NO_NAMES: readonly string[] = [];

/** Methods that `OPTIONS *` is answered with. */
const ALL_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** A route made ready by this thread: on first use, because a thread meets few of many routes. */
interface ReadyRoute {
  readonly id: string;
  readonly handler: Handler;
  /** The same, watched; null as long as no request of it was traced. */
  watched: Handler | null;
  readonly hasParams: boolean;
  /** Whether it answers for the methods that browsers ask leave for. */
  readonly answersPreflights: boolean;
  readonly metrics: RouteMetrics;
  /** Null: nothing is traced. */
  readonly traced: TracedRoute | null;
}

/** What is the same for all routes, whatever the snapshot. */
export interface GatewayPorts extends Omit<
  Ports,
  | 'access'
  | 'decisions'
  | 'plugins'
  | 'countShed'
  | 'countOperation'
  | 'countSoap'
  | 'countTool'
  | 'sockets'
  | 'watch'
> {
  /** What the routes of a snapshot know of callers. */
  readonly access: (snapshot: SnapshotData) => Access;
  /** Null: nothing is traced. */
  readonly tracerOf: (snapshot: SnapshotData) => Tracer | null;
  /** Null: there is no secret, and nobody gets traces of decisions. */
  readonly debugOf: (snapshot: SnapshotData) => DebugRequests | null;
}

/** How a pipeline is made. */
interface Making {
  readonly names: readonly string[];
  /** Null: nobody looks at it. */
  readonly watch: RouteWatch | null;
}

/** The routes of one snapshot, and those of them that were used. */
interface Current {
  readonly access: Access;
  readonly tracer: Tracer | null;
  readonly debug: DebugRequests | null;
  /** For what no route takes. */
  readonly traced: TracedRoute | null;
  readonly table: RouteTable;
  readonly ready: Map<number, ReadyRoute>;
  /** Around our own replies to what no route takes; null: they are as they are. */
  readonly unrouted: Wrapper | null;
}

/**
 * The gateway of one thread: holds the snapshot, and takes every exchange from its match to its reply. A request keeps the
 * handler it was given, so a reload changes nothing under its feet.
 */
export class Gateway {
  readonly #ports: GatewayPorts;
  readonly #metrics: ThreadMetrics;
  readonly #noRoute: RouteMetrics;
  readonly #match = newMatch();
  readonly #metricsOf = new Map<string, RouteMetrics>();
  readonly #pathNames = new Map<string, readonly string[]>();
  #answerChallenge: AnswerChallenge | null = null;
  #view: RequestView | null = null;
  #current: Current;

  constructor(snapshot: SnapshotData, ports: GatewayPorts, metrics: ThreadMetrics) {
    this.#ports = ports;
    this.#metrics = metrics;
    this.#noRoute = metrics.route('', '');
    ports.services.apply(snapshot.services);
    this.#current = this.#open(snapshot);
  }

  /** Takes a new snapshot: one assignment, after everything that can fail. */
  apply(snapshot: SnapshotData): void {
    const next = this.#open(snapshot);
    this.#ports.services.apply(snapshot.services);
    this.#current = next;
    const { streams } = this.#ports;
    if (streams.size > 0) streams.keep(keptStreams(next.table));
  }

  #open(snapshot: SnapshotData): Current {
    const tracer = this.#ports.tracerOf(snapshot);
    return {
      table: openRouteTable(snapshot.routes),
      access: this.#ports.access(snapshot),
      tracer,
      debug: this.#ports.debugOf(snapshot),
      traced: tracer?.route('') ?? null,
      ready: new Map(),
      unrouted: this.#unrouted(snapshot),
    };
  }

  /** Answers authorities that look whether we have control of names, before any route, and those before no more. */
  prove(answers: ProofNews['answers']): void {
    this.#answerChallenge = challengeAnswers(answers);
  }

  /** From exchange to reply. */
  handle(exchange: Exchange): Promise<Reply> {
    const { debug } = this.#current;
    if (debug === null || !debug.isAsked(exchange)) return this.#handle(exchange);
    return debug.trace(exchange, () => this.#handle(exchange));
  }

  #handle(exchange: Exchange): Promise<Reply> {
    const current = this.#current;
    const match = this.#match;
    if (exchange.clientCertificate !== null && isMisdirected(exchange))
      return this.#withoutRoute(exchange, () => refuse(exchange, 'MISDIRECTED'));
    if (exchange.path === '*') return this.#withoutRoute(exchange, () => allowed(ALL_METHODS));
    const proof = this.#answerChallenge?.(exchange) ?? null;
    if (proof !== null) return this.#withoutRoute(exchange, () => proof);
    const view = (this.#view ??= new RequestView(exchange));
    const asked = askedMethod(exchange);
    if (asked !== null) {
      current.table.match(view.ofPreflight(exchange, asked), match);
      // Where only the method is missing, the route can still say which ones it has.
      const route = match.route === -1 ? null : this.#ready(current, match.route);
      if (route?.answersPreflights === true) return this.#serve(exchange, route, match.route);
    }
    current.table.match(view.of(exchange), match);
    if (match.kind === 'found') return this.#serve(exchange, this.#ready(current, match.route), match.route);
    if (match.kind === 'not-found') return this.#withoutRoute(exchange, () => refuse(exchange, 'NO_ROUTE'));
    if (match.kind === 'options') return this.#withoutRoute(exchange, () => allowed(match.allow));
    return this.#withoutRoute(exchange, () =>
      refuse(exchange, 'METHOD_NOT_ALLOWED', { fields: [['Allow', match.allow]] }),
    );
  }

  /** Names of the parameters in the path of a route that was used; none of the others. */
  pathNames(route: string): readonly string[] {
    return this.#pathNames.get(route) ?? NO_NAMES;
  }

  /** Counts an exchange that is over; one that could not be read never came to `handle`. */
  count(exchange: Exchange, endedAtMs: number): void {
    if (exchange.tally === null) this.#noRoute.begin();
    const { trace, record } = exchange;
    const found = trace === null ? null : foundTrace(trace, this.#ports.clock);
    (exchange.tally ?? this.#noRoute).record(record, endedAtMs - exchange.startedAtMs, found);
  }

  #serve(exchange: Exchange, route: ReadyRoute, index: number): Promise<Reply> {
    exchange.record.route = route.id;
    if (route.traced !== null) this.#current.tracer?.begin(exchange, route.traced);
    if (route.hasParams) exchange.params = this.#current.table.params(index, exchange.path);
    exchange.tally = route.metrics;
    route.metrics.begin();
    if (this.#current.debug === null || !isWatched(exchange)) return route.handler(exchange);
    route.watched ??= this.#watchedPipeline(index);
    return route.watched(exchange);
  }

  #withoutRoute(exchange: Exchange, answer: () => Reply): Promise<Reply> {
    exchange.tally = this.#noRoute;
    this.#noRoute.begin();
    const { unrouted, tracer, traced } = this.#current;
    if (tracer !== null && traced !== null) tracer.begin(exchange, traced);
    const reply = answer();
    return unrouted === null ? Promise.resolve(reply) : unrouted(() => Promise.resolve(reply))(exchange);
  }

  #unrouted({ unrouted }: SnapshotData): Wrapper | null {
    return securityHeaders(unrouted.securityHeaders, { decisions: policyDecisions(this.#metrics, '') });
  }

  #ready(current: Current, index: number): ReadyRoute {
    return current.ready.get(index) ?? this.#prepare(current, index);
  }

  #prepare(current: Current, index: number): ReadyRoute {
    const { tracer, table, ready } = current;
    const config: RouteConfig = JSON.parse(table.payload(index));
    const names = table.paramNames(index);
    const service = firstService(config.target);
    const route: ReadyRoute = {
      id: config.id,
      handler: this.#pipeline(current, config, { names, watch: tracer === null ? null : SPANNED }),
      watched: null,
      hasParams: names.length > 0,
      answersPreflights: config.policies.cors?.mode === 'on',
      metrics: this.#routeMetrics(config.id, service),
      traced: tracer?.route(config.match.path) ?? null,
    };
    ready.set(index, route);
    this.#pathNames.set(config.id, names);
    return route;
  }

  /** Stages of its own around the same memories, limits and pools. */
  #watchedPipeline(index: number): Handler {
    const { table } = this.#current;
    const names = table.paramNames(index);
    return this.#pipeline(this.#current, JSON.parse(table.payload(index)), { names, watch: WATCH });
  }

  #pipeline({ access }: Current, config: RouteConfig, { names, watch }: Making): Handler {
    const decisions = policyDecisions(this.#metrics, config.id);
    return pipeline(config, names, {
      ...this.#ports,
      access,
      watch,
      decisions: watch === WATCH ? watchDecisions(decisions) : decisions,
      plugins: access.pluginsOf(config, names),
      countShed: shedCounter(this.#metrics, firstService(config.target)),
      countOperation: operationCounter(this.#metrics, config.id),
      countSoap: soapCounter(this.#metrics, config.id),
      countTool: toolCounter(this.#metrics, config.id),
      sockets: socketTally(this.#metrics, config.id),
    });
  }

  #routeMetrics(route: string, service: string): RouteMetrics {
    const key = `${route}\n${service}`;
    let metrics = this.#metricsOf.get(key);
    if (metrics === undefined) {
      metrics = this.#metrics.route(route, service);
      this.#metricsOf.set(key, metrics);
    }
    return metrics;
  }
}

/** A trace that somebody has, so that it is worth pointing to: sampled here or by the caller, or told because of its end. */
function foundTrace({ id, flags, spanId, isTold }: Trace, clock: Clock): FoundTrace | null {
  if (!isTold && (flags & SAMPLED) === 0) return null;
  return { traceId: id, spanId, epochMs: clock.epoch() };
}

function allowed(methods: string): Reply {
  return { status: 204, headers: headersOf(['Allow', methods]), body: null, code: '', tunnel: null };
}

/** The service that a route leads to, of several the first; `''` for routes that answer by themselves. */
function firstService(target: TargetConfig): string {
  if (target.kind === 'service' || target.kind === 'mcp') return target.service ?? '';
  return target.kind === 'split' ? (target.sides[0]?.service ?? '') : '';
}
