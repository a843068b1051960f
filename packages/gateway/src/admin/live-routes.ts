import type { TapWish } from '../core/live-tap.ts';
import { adminProblem, json, text, type Answer } from './answer.ts';
import type { LivePort, TraceView } from './live-port.ts';
import type { AdminRoute } from './router.ts';
import { liveStream, NDJSON, type StreamAnswer } from './stream-answer.ts';

/** Requests as they end, for who watches. */
export function liveRoutes(live: LivePort): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/requests/stream',
      summary: 'requests as they end, a line of JSON each',
      parameters: { route: 'only of this', status: '`404`, `5xx` or `400-499`', filter: 'CEL over `line`' },
      role: 'viewer',
      handle: ({ method, url }) => watch(live, method, url.searchParams),
    },
    {
      method: 'GET',
      path: '/requests/{id}/trace',
      summary: 'why a request of the last minute got its reply',
      role: 'viewer',
      handle: async ({ parameter }) => traced(live.trace(parameter('id'))),
    },
  ];
}

async function watch(live: LivePort, method: string, query: URLSearchParams): Promise<Answer | StreamAnswer> {
  const unknown = [...query.keys()].find((name) => !['route', 'status', 'filter'].includes(name));
  if (unknown !== undefined)
    return rejected(`there is no parameter "${unknown}"; route, status and filter there are`);
  const status = statusRange(query.get('status') ?? '');
  if (status === null) return rejected('status is one like 404, a class like 5xx, or a range like 400-499');
  const start = await live.open({ wish: { route: query.get('route'), status }, filter: query.get('filter') });
  if (start.kind === 'full') return adminProblem('TOO_MANY_WATCHERS');
  if (start.kind === 'bad-filter') return rejected(`the filter ${start.problem}`);
  return method === 'HEAD' ? { ...text(200, ''), contentType: NDJSON } : liveStream(start.begin);
}

function traced(trace: TraceView | null): Answer {
  if (trace !== null) return json(200, trace);
  return adminProblem('NOT_FOUND', { detail: 'there is no such trace; they are kept for a minute' });
}

function rejected(detail: string): Answer {
  return adminProblem('TAP_REJECTED', { detail });
}

/** `404`, `5xx` or `400-499`; all of them without one. */
function statusRange(text: string): TapWish['status'] | null {
  if (text === '') return [0, 999];
  const [, hundred] = /^([1-5])xx$/i.exec(text) ?? [];
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99];
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  return from === undefined ? null : [Number(from), Number(to)];
}
