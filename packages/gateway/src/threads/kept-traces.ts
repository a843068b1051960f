import type { GatewayConfig } from '@turnpike/config';
import type { TraceView } from '../admin/live-port.ts';
import type { DecisionTrace } from '../core/decision-trace.ts';
import type { Clock } from '../core/ports.ts';
import { explainMatch, type Candidate } from '../match/explain-match.ts';

/** A trace, and the configuration that was in use. */
interface Kept {
  readonly trace: DecisionTrace;
  readonly config: GatewayConfig;
  readonly untilMs: number;
}

/** The traces of the last minute, for who asked for them. */
export class KeptTraces {
  readonly #clock: Clock;
  readonly #config: () => GatewayConfig;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock, config: () => GatewayConfig) {
    this.#clock = clock;
    this.#config = config;
  }

  keep(trace: DecisionTrace): void {
    const nowMs = this.#clock.now();
    for (const [id, { untilMs }] of this.#kept) {
      if (untilMs > nowMs && this.#kept.size < MOST_TRACES) break;
      this.#kept.delete(id);
    }
    this.#kept.set(trace.id, { trace, config: this.#config(), untilMs: nowMs + KEPT_MS });
  }

  /** By its own id, or by that of its request, which is what lines of the live view have. */
  find(id: string): TraceView | null {
    const kept =
      this.#kept.get(id) ?? [...this.#kept.values()].findLast(({ trace }) => trace.requestId === id);
    return kept === undefined || kept.untilMs <= this.#clock.now() ? null : viewOf(kept);
  }
}

/** What people see: nothing of the request that could be a secret. */
function viewOf({ trace, config }: Kept): TraceView {
  const { id, requestId, method, host, path, listener, durationMs, record, steps, rule, answeredBy } = trace;
  const origin = config.routes.find((route) => route.id === record.route)?.origin;
  const place = origin === undefined ? '' : `${origin.file}:${origin.line}`;
  return {
    id,
    request: { id: requestId, method, host, path, listener },
    reply: { status: record.status, code: record.code, durationMs, answeredBy, rule, place },
    route: { id: record.route, place },
    candidates: candidatesOf(trace, config),
    steps,
    upstream: upstreamOf(trace),
  };
}

function candidatesOf({ query, headers, ...request }: DecisionTrace, config: GatewayConfig): Candidate[] {
  const fields = new Map(Object.entries(headers));
  const parameters = new URLSearchParams(query);
  const patterns = config.routes.map((route) => ({ id: route.id, ...route.match, payload: '' }));
  const { candidates } = explainMatch(patterns, {
    ...request,
    header: (name) => fields.get(name),
    queryParam: (name) => parameters.get(name) ?? undefined,
  });
  return candidates.slice(0, MOST_CANDIDATES);
}

function upstreamOf({ record }: DecisionTrace): TraceView['upstream'] {
  const { service, endpoint, picked, attempts, lost, unretried, hedge, upstreamMs, cache, fallbackFor } =
    record;
  const facts = {
    service,
    endpoint,
    picked,
    attempts,
    lost: lost ?? [],
    unretried,
    hedge,
    cache,
    fallbackFor,
  };
  return { ...facts, upstreamMs: upstreamMs < 0 ? null : upstreamMs };
}

const KEPT_MS = 60_000;
const MOST_TRACES = 256;
const MOST_CANDIDATES = 50;
