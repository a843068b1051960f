import { LEVELS } from '../observe/process-log.ts';
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
      handle: async () => json(200, { level: logs.level }),
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
  const wanted = typeof body === 'object' && body !== null && 'level' in body ? body.level : undefined;
  const level = LEVELS.find((one) => one === wanted);
  if (level === undefined)
    return adminProblem('BAD_LEVEL', { detail: `send {"level": …} with one of ${LEVELS.join(', ')}` });
  logs.setLevel(level);
  return json(200, { level });
}
