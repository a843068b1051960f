import type { EjectionReason } from '../../core/endpoint-health.ts';

/** What an endpoint did since the last look. */
export interface EndpointInterval {
  readonly slot: number;
  readonly requests: number;
  /** Those of them that count against it. */
  readonly failures: number;
}

/** An endpoint that should be put out. */
export interface Outlier {
  readonly slot: number;
  readonly reason: EjectionReason;
}

const MOSTLY_FAILED = { requests: 50, share: 0.85 };
const LOW_SUCCESS = { requests: 20, share: 0.5 };
const SUCCESS_RATE = { requests: 100, hosts: 5, deviations: 1.9 };

/**
 * Where all siblings are nearly perfect the deviation is nearly nothing, and whoever failed once would be an outlier. What is
 * not this much worse than the others is not worth losing.
 */
const LEAST_GAP = 0.05;

/** Those that failed too much, the worst first: not all of them may be put out. */
export function outliersOf(intervals: readonly EndpointInterval[]): Outlier[] {
  const tooLow = lowestRate(intervals);
  return intervals
    .toSorted((one, other) => failureShare(other) - failureShare(one))
    .flatMap((interval) => {
      const reason = verdict(interval, tooLow);
      return reason === null ? [] : [{ slot: interval.slot, reason }];
    });
}

function verdict(interval: EndpointInterval, tooLow: number): EjectionReason | null {
  const { requests } = interval;
  const failed = failureShare(interval);
  if (requests >= MOSTLY_FAILED.requests && failed >= MOSTLY_FAILED.share) return 'failure-percentage';
  if (requests >= LOW_SUCCESS.requests && 1 - failed < LOW_SUCCESS.share) return 'low-success';
  if (requests >= SUCCESS_RATE.requests && 1 - failed < tooLow) return 'success-rate';
  return null;
}

/** The success rate below which an endpoint is too far from its siblings; 0 when too few of them were busy enough to tell. */
function lowestRate(intervals: readonly EndpointInterval[]): number {
  const rates = intervals
    .filter(({ requests }) => requests >= SUCCESS_RATE.requests)
    .map((interval) => 1 - failureShare(interval));
  if (rates.length < SUCCESS_RATE.hosts) return 0;
  const mean = average(rates);
  const deviation = Math.sqrt(average(rates.map((rate) => (rate - mean) ** 2)));
  return mean - Math.max(LEAST_GAP, SUCCESS_RATE.deviations * deviation);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function failureShare({ requests, failures }: EndpointInterval): number {
  return requests === 0 ? 0 : Math.min(1, failures / requests);
}
