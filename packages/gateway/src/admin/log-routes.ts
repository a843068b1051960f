import { nearest } from '@turnpike/config/load';
import type { LogChange } from '../observe/log-change.ts';
import { LEVELS } from '../observe/log-levels.ts';
import type { LogLevel } from '../observe/process-log.ts';
import type { AdminPorts } from './admin-ports.ts';
import { adminProblem, json, type Answer } from './answer.ts';
import type { AdminRoute } from './router.ts';

type Logs = AdminPorts['logs'];

const PATH = '/log-level';

/** How much of the program is told, and who may change it while it runs. */
export function logRoutes(logs: Logs): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      summary: 'how much the program log tells',
      role: 'viewer',
      handle: async () => json(200, logs.levels),
    },
    {
      method: 'PUT',
      path: PATH,
      summary: 'changes how much the program log tells',
      body: 'json',
      role: 'editor',
      handle: async ({ body }) => change(logs, body),
    },
  ];
}

function change(logs: Logs, body: unknown): Answer {
  const change = changeOf(body);
  if (change === null) return adminProblem('BAD_LEVEL', { detail: USAGE });
  const names = Object.keys(logs.levels.components);
  const unknown = Object.keys(change.components ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const close = nearest(unknown.slice(0, 64), names);
    const hint = close === undefined ? '' : `; did you mean ${close}?`;
    const detail = `there is no component ${unknown.slice(0, 64)}${hint} They are ${names.join(', ')}`;
    return adminProblem('BAD_COMPONENT', { detail });
  }
  logs.change(change);
  return json(200, logs.levels);
}

/** null: it is not one. Whether its components exist is asked later. */
function changeOf(body: unknown): LogChange | null {
  if (!isRecord(body) || Object.keys(body).some((name) => name !== 'level' && name !== 'components'))
    return null;
  const { level, components } = body;
  if (level === undefined && components === undefined) return null;
  if (level !== undefined && !isLevel(level)) return null;
  if (components !== undefined && !isComponents(components)) return null;
  return { ...(level !== undefined && { level }), ...(components !== undefined && { components }) };
}

function isComponents(value: unknown): value is NonNullable<LogChange['components']> {
  return isRecord(value) && Object.values(value).every((one) => one === null || isLevel(one));
}

function isLevel(value: unknown): value is LogLevel {
  return LEVELS.some((one) => one === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const USAGE = `send {"level": …}, {"components": {"NAME": …}} or both, with ${LEVELS.join(', ')}, or null for a component that is to be as the others`;
