import type { Operation } from './operation.ts';
import { problem, type Reply } from './problems.ts';

/** What is said where no operation takes a request: there are others with the same path, or there is nothing. */
export function answerUnrouted(operations: readonly Operation[], method: string, url: string): Reply {
  const path = url.split('?')[0] ?? '';
  const allowed = operations.filter((one) => fits(one.path, path)).map((one) => one.method);
  if (allowed.length === 0 || allowed.some((one) => one === method)) return problem('NOT_FOUND');
  const methods = new Set<string>(allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed);
  return problem('METHOD_NOT_ALLOWED', {}, { Allow: [...methods].join(', ') });
}

function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return false;
  return wanted.every((segment, i) => segment === given[i] || (segment.startsWith('{') && given[i] !== ''));
}
