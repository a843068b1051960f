import { ask } from '../../api/client.ts';
import { readMetrics } from '../../api/metrics.ts';
import { useQuery } from '../../api/query.ts';
import { count } from '../../ui/format.ts';

/** Errors that say that there was too much, and who said so. */
const REFUSALS = [
  ['RATE_LIMITED', 'by rate limits'],
  ['CONCURRENCY_LIMITED', 'by limits of callers at once'],
  ['OVERLOADED', 'for busy services'],
  ['BREAKER_OPEN', 'by open breakers'],
  ['GATEWAY_OVERLOADED', 'by the busy gateway'],
] as const;

/** How many were sent away since the start, by why. */
export function Refused() {
  const { data } = useQuery({
    queryKey: ['refused'],
    queryFn: async ({ signal }) => {
      const text = await ask<string>('/metrics', { signal, headers: { Accept: 'text/plain' } });
      return readMetrics(text, ['turnpike_errors_total']);
    },
    refetchInterval: 10_000,
    retry: false,
  });
  if (data === undefined) return null;
  const of = (code: string): number => data.find(({ labels }) => labels['code'] === code)?.value ?? 0;
  return (
    <ul className="card strip" aria-label="Refused since the start">
      {REFUSALS.map(([code, about]) => (
        <li key={code}>
          <strong className={`num ${of(code) > 0 ? 'tone-warn' : ''}`}>{count(of(code))}</strong>
          <span className="muted">refused {about}</span>
        </li>
      ))}
    </ul>
  );
}
