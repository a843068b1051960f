import { parseDuration } from '@turnpike/config';
import { nearest } from '@turnpike/config/load';
import type { AlertPort } from './alert-port.ts';
import { adminProblem, done, json, type Answer } from './answer.ts';
import type { AdminRequest, AdminRoute } from './router.ts';

const SILENCES = '/alerts/silences';

/** Where alerts stand, and that nobody wants to hear of one for a while. */
export function alertRoutes(alerts: AlertPort): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/alerts',
      summary: 'where each alert stands',
      role: 'viewer',
      handle: async () => json(200, alerts.views),
    },
    {
      method: 'GET',
      path: SILENCES,
      summary: 'silences that are not over, with who asked for them and why',
      role: 'viewer',
      handle: async () => json(200, alerts.silences),
    },
    {
      method: 'POST',
      path: SILENCES,
      summary: 'silences an alert for a while, in all gateways that share the database',
      body: 'json',
      role: 'editor',
      handle: (request) => silence(alerts, request),
    },
    {
      method: 'DELETE',
      path: `${SILENCES}/{id}`,
      summary: 'ends a silence before its time',
      role: 'editor',
      handle: async ({ parameter }) => ended(await alerts.end(parameter('id'))),
    },
  ];
}

async function silence(alerts: AlertPort, { body, caller }: AdminRequest): Promise<Answer> {
  const wish = wishOf(body, alerts);
  if (typeof wish === 'string') return adminProblem('SILENCE_REJECTED', { detail: wish });
  const result = await alerts.silence({ ...wish, author: caller });
  if (result === 'away') return adminProblem('SILENCE_STORE_UNAVAILABLE', {}, { 'Retry-After': '5' });
  return result === 'full' ? adminProblem('SILENCES_FULL') : json(201, result);
}

function ended(outcome: Awaited<ReturnType<AlertPort['end']>>): Answer {
  if (outcome === 'away') return adminProblem('SILENCE_STORE_UNAVAILABLE', {}, { 'Retry-After': '5' });
  return outcome === 'ended' ? done() : adminProblem('NOT_FOUND', { detail: 'there is no such silence' });
}

interface Wish {
  readonly alert: string;
  readonly reason: string;
  readonly forMs: number;
}

/** Text: what is wrong with it. */
function wishOf(body: unknown, { views }: AlertPort): Wish | string {
  if (!isRecord(body)) return USAGE;
  const { alert, reason, for: duration, ...others } = body;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || typeof alert !== 'string') return USAGE;
  if (typeof reason !== 'string' || typeof duration !== 'string') return USAGE;
  const names = views.map((view) => view.alert);
  if (!names.includes(alert)) return unknownAlert(alert, names);
  if (reason.trim() === '' || reason.length > LONGEST_REASON)
    return `reason takes 1 to ${LONGEST_REASON} characters: whoever comes next wants to know why`;
  const forMs = parseDuration(duration);
  if (!forMs.ok) {
    const hint = forMs.suggestion === undefined ? '' : `; did you mean ${forMs.suggestion}?`;
    return `for takes a duration such as 30m, 4h or 2d, but ${show(duration)} ${forMs.problem}${hint}`;
  }
  if (forMs.value < SHORTEST_MS || forMs.value > LONGEST_MS) return 'for takes 1m to 30d';
  return { alert, reason, forMs: forMs.value };
}

function unknownAlert(alert: string, names: readonly string[]): string {
  const close = nearest(alert.slice(0, 64), names);
  const hint = close === undefined ? '' : `; did you mean ${show(close)}?`;
  return `there is no alert ${show(alert)}${hint}`;
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const USAGE = 'send {"alert": NAME, "for": "2h", "reason": TEXT}';
const LONGEST_REASON = 500;
const SHORTEST_MS = 60_000;
const LONGEST_MS = 30 * 86_400_000;
