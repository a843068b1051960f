import { AsyncLocalStorage } from 'node:async_hooks';
import type { DecisionsOf } from './core/decisions.ts';
import type { DecisionTrace, TracedDecision, TracedStep } from './core/decision-trace.ts';
import { GatewayError, type ErrorCode } from './core/errors.ts';
import type { Exchange, Reply, Wrapper } from './core/exchange.ts';
import type { Headers } from './core/headers.ts';
import { systemClock } from './core/ports.ts';

/** A stage at work. */
interface Step {
  readonly stage: string;
  hasPassed: boolean;
  hasFailed: boolean;
  status: number;
  code: ErrorCode | '';
  totalMs: number;
  insideMs: number;
  readonly decisions: TracedDecision[];
}

interface Watched {
  readonly exchange: Exchange;
  readonly steps: Step[];
  /** The innermost stage that has the request. */
  readonly step: Step | null;
}

/**
 * Which request is watched, and where it is. It follows what a stage begins, such as the fills of a cache, which are exchanges
 * of their own. Only the second handler of a route, which traced requests take, asks it.
 */
const watched = new AsyncLocalStorage<Watched>();

/** What came of a request that was watched. */
export interface WatchedReply {
  readonly reply: Reply;
  readonly steps: Step[];
}

/** Watches what is done for a request. */
export async function watchRequest(exchange: Exchange, handle: () => Promise<Reply>): Promise<WatchedReply> {
  const steps: Step[] = [];
  return { reply: await watched.run({ exchange, steps, step: null }, handle), steps };
}

/**
 * Whether this request is the one that is watched: another may begin in its wake, on a connection that waited for an answer
 * of a service whose socket was opened for it.
 */
export function isWatched(exchange: Exchange): boolean {
  return watched.getStore()?.exchange === exchange;
}

/** The stage, and what it does with requests that are watched. */
export function watchStage(stage: string, wrapper: Wrapper): Wrapper {
  return (next) => {
    const handle = wrapper(next);
    return async (exchange) => {
      const store = watched.getStore();
      if (store === undefined || store.steps.length >= MOST_STEPS) return handle(exchange);
      const { exchange: first, steps, step: outer } = store;
      const step = newStep(stage);
      steps.push(step);
      if (outer !== null) outer.hasPassed = true;
      try {
        return await watched.run({ exchange: first, steps, step }, () => timed(step, () => handle(exchange)));
      } finally {
        if (outer !== null) outer.insideMs += step.totalMs;
      }
    };
  };
}

async function timed(step: Step, handle: () => Promise<Reply>): Promise<Reply> {
  const begunMs = systemClock.now();
  try {
    const reply = await handle();
    step.status = reply.status;
    step.code = reply.code;
    return reply;
  } catch (error) {
    step.hasFailed = true;
    step.code = error instanceof GatewayError ? error.code : 'INTERNAL';
    throw error;
  } finally {
    step.totalMs = systemClock.now() - begunMs;
  }
}

/** What policies decide about requests that are watched is written down where they do. */
export function watchDecisions(decisions: DecisionsOf): DecisionsOf {
  return (policy) => {
    const inner = decisions(policy);
    const note = (decision: TracedDecision['decision'], reason: string): void => {
      const noted = watched.getStore()?.step?.decisions;
      if (noted !== undefined && noted.length < MOST_DECISIONS) noted.push({ policy, decision, reason });
    };
    return {
      allowed: () => {
        note('allowed', '');
        inner.allowed();
      },
      denied: (reason) => {
        note('denied', reason);
        inner.denied(reason);
      },
      reported: (reason) => {
        note('reported', reason);
        inner.reported(reason);
      },
      failed: (reason) => {
        note('failed', reason);
        inner.failed(reason);
      },
    };
  };
}

/** A request, with the fields that it came with. */
export interface Asked {
  readonly exchange: Exchange;
  readonly headers: Headers;
}

/** What is known when the request is over. */
export function traceOf(
  id: string,
  { exchange, headers }: Asked,
  { reply, steps }: WatchedReply,
): DecisionTrace {
  const { method, host, path, query, record } = exchange;
  const maker = reply.code === '' ? undefined : steps.findLast(({ code }) => code === reply.code);
  return {
    id,
    requestId: exchange.id,
    method,
    host,
    path,
    query,
    listener: exchange.arrival.listener,
    headers: Object.fromEntries(headers.names.map(({ lower }) => [lower, headers.getList(lower) ?? ''])),
    durationMs: systemClock.now() - exchange.startedAtMs,
    record: { ...record },
    steps: steps.map(tracedStep),
    rule: ruleOf(reply, maker),
    answeredBy: maker?.stage ?? '',
  };
}

function tracedStep({
  stage,
  hasPassed,
  hasFailed,
  status,
  code,
  totalMs,
  insideMs,
  decisions,
}: Step): TracedStep {
  const ownVerdict = hasFailed ? 'failed' : 'answered';
  return {
    stage,
    verdict: hasPassed ? 'passed' : ownVerdict,
    status,
    code,
    ownMicroseconds: Math.round(Math.max(0, totalMs - insideMs) * 1000),
    decisions: [...decisions],
  };
}

/** As precise as it is known: what the problem document says, or the policy that has refused. */
function ruleOf({ body }: Reply, maker: Step | undefined): string {
  if (maker === undefined) return '';
  const said = ruleIn(body);
  const refusal = maker.decisions.findLast(({ decision }) => decision === 'denied' || decision === 'failed');
  return said === '' ? (refusal?.policy ?? '') : said;
}

/** Our problem documents name their rule. */
function ruleIn(body: Reply['body']): string {
  if (typeof body !== 'string') return '';
  try {
    const { rule } = JSON.parse(body) as { rule?: unknown };
    return typeof rule === 'string' ? rule : '';
  } catch {
    return ''; // the route has bodies of its own for errors
  }
}

function newStep(stage: string): Step {
  const none = { hasPassed: false, hasFailed: false, status: 0, code: '', totalMs: 0, insideMs: 0 } as const;
  return { stage, ...none, decisions: [] };
}

/** A request to an MCP endpoint may go through the stages of many services. */
const MOST_STEPS = 200;
const MOST_DECISIONS = 20;
