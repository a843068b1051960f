/** What a request of the admin API is for, as far as it says so itself. */
const OPERATIONS = ['health', 'metrics', 'read', 'change'] as const;
type AdminOperation = (typeof OPERATIONS)[number];

/** Classes of answers, in the order of the metric. */
export const ANSWER_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Counts what the admin API answers, the control plane's part as well. Nothing in it grows with what callers choose. */
export class RequestCounts {
  readonly #counts = new Map<AdminOperation, number[]>(
    OPERATIONS.map((operation) => [operation, ANSWER_CLASSES.map(() => 0)]),
  );

  add(method: string, target: string, status: number): void {
    const counts = this.#counts.get(operationOf(method, target.split('?')[0] ?? ''));
    const at = Math.floor(status / 100) - 1;
    if (counts?.[at] !== undefined) counts[at]++;
  }

  get entries(): readonly (readonly [operation: AdminOperation, counts: readonly number[]])[] {
    return [...this.#counts];
  }
}

function operationOf(method: string, path: string): AdminOperation {
  if (path === '/healthz' || path === '/readyz') return 'health';
  if (path === '/metrics') return 'metrics';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'change';
}
