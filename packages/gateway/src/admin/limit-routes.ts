import { GatewayError } from '../core/errors.ts';
import { adminProblem, done, json, type Answer } from './answer.ts';
import type { LimitFault, LimitPort, WantedKey } from './limit-port.ts';
import type { AdminRequest, AdminRoute } from './router.ts';

const KEY = 'the value of the key; once for each of its parts, in their order';
const PARAMETERS = {
  key: KEY,
  quota: 'what the key may use, where that comes from the request',
  plan: 'the plan of the caller, where it is not known from the consumer',
};

/** How people see limits, how a key stands, and how it starts afresh. */
export function limitRoutes(limits: LimitPort): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/limits',
      summary: 'the limits of all routes',
      role: 'viewer',
      handle: async () => json(200, limits.list()),
    },
    {
      method: 'GET',
      path: '/limits/{route}/{limit}',
      summary: 'how a key of a limit stands; counts nothing',
      parameters: PARAMETERS,
      role: 'viewer',
      handle: (request) => forKey(request, async (wanted) => shown(await limits.look(wanted))),
    },
    {
      method: 'DELETE',
      path: '/limits/{route}/{limit}',
      summary: 'lets a key of a limit start afresh, in all gateways',
      parameters: { key: KEY },
      role: 'editor',
      handle: (request) => forKey(request, (wanted) => reset(limits, wanted)),
    },
    {
      method: 'GET',
      path: '/concurrency/{route}',
      summary: 'how many requests of a key are under way, and how many may be',
      parameters: { key: KEY },
      role: 'viewer',
      handle: (request) => forKey(request, async (wanted) => shown(limits.inUse(wanted))),
    },
  ];
}

async function forKey(
  { url: { searchParams: search }, parameter }: AdminRequest,
  answer: (wanted: WantedKey) => Promise<Answer>,
): Promise<Answer> {
  const quota = search.get('quota');
  if (quota !== null && !/^\d{1,10}$/.test(quota)) return rejected('quota must be a whole number');
  return answer({
    route: parameter('route'),
    limit: parameter('limit'),
    key: search.getAll('key'),
    quota: quota === null ? null : Number(quota),
    plan: search.get('plan'),
  });
}

async function reset(limits: LimitPort, wanted: WantedKey): Promise<Answer> {
  try {
    const fault = await limits.reset(wanted);
    return fault === null ? done() : refused(fault);
  } catch (error) {
    const isAway = error instanceof GatewayError && error.code === 'COUNTERS_UNAVAILABLE';
    if (isAway) return adminProblem('LIMIT_STORE_UNAVAILABLE');
    throw error;
  }
}

function shown(state: object | LimitFault): Answer {
  return 'fault' in state ? refused(state) : json(200, state);
}

function refused({ fault, detail }: LimitFault): Answer {
  return fault === 'unknown' ? adminProblem('NOT_FOUND', { detail }) : rejected(detail);
}

function rejected(detail: string): Answer {
  return adminProblem('LIMIT_REQUEST_REJECTED', { detail });
}
