import type { OfflineExchange } from '@turnpike/gateway/offline';

type Trace = OfflineExchange['trace'];

/** Who refused a request. */
export interface Refusal {
  /** The policy as the configuration calls it, the stage where it has no policy, `match` or `parser` where there is no route, or `none`. */
  readonly policy: string;
  /** As precise as it is known, or `''`. */
  readonly rule: string;
}

/** What made the reply, if it was not a service. */
export function refusalOf({ rule, answeredBy, steps, record }: Trace): Refusal {
  if (record.code === '') return { policy: 'none', rule: '' };
  const maker = steps.findLast(({ stage }) => stage === answeredBy);
  const denial = maker?.decisions.findLast(({ decision }) => decision === 'denied' || decision === 'failed');
  const policy = denial?.policy ?? (rule === '' ? answeredBy : (rule.split('.')[0] ?? ''));
  return { policy: policy === '' ? withoutRoute(record.code) : policy, rule };
}

/** Before there is a route there are no policies. */
function withoutRoute(code: Trace['record']['code']): string {
  return code === 'NO_ROUTE' || code === 'METHOD_NOT_ALLOWED' ? 'match' : 'parser';
}

/** Policies that only report, and would have refused. */
export function reportedBy({ steps }: Trace): string[] {
  const policies = steps.flatMap(({ decisions }) =>
    decisions.filter(({ decision }) => decision === 'reported').map(({ policy }) => policy),
  );
  return [...new Set(policies)];
}

/** What became of a request, on one line, for who looks for the reason of a difference. */
export function summaryOf({ trace, response }: OfflineExchange): string {
  const { record } = trace;
  const route = record.route === '' ? 'no route' : `route ${record.route}`;
  if (record.code === '') return `${route}, ${response.status}`;
  const { policy, rule } = refusalOf(trace);
  const detail = detailOf(response.body);
  const by = record.route === '' ? '' : ` by ${rule === '' ? policy : rule}`;
  return `${route}, ${response.status} ${record.code}${by}${detail === '' ? '' : `: ${detail}`}`;
}

/** What our problem documents say of this request in particular. */
function detailOf(body: Buffer): string {
  try {
    const { detail } = JSON.parse(body.toString()) as { detail?: unknown };
    return typeof detail === 'string' ? detail : '';
  } catch {
    return ''; // the route has bodies of its own for errors
  }
}
