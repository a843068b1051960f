/** What speaks for or against an endpoint, the strongest first. */
export type EndpointCondition = 'down' | 'ejected' | 'half-open' | 'penalised' | 'up';

/**
 * Why an endpoint was put out:
 *
 * - `consecutive-failures`: so many requests in a row failed.
 * - `failure-percentage`: nearly everything failed since the last look.
 * - `low-success`: fewer than half succeeded since the last look.
 * - `success-rate`: it succeeded far less often than its siblings.
 * - `failed-probe`: it was out, and failed the request that was to tell whether it is back.
 */
export const EJECTION_REASONS = [
  'consecutive-failures',
  'failure-percentage',
  'low-success',
  'success-rate',
  'failed-probe',
] as const;

export type EjectionReason = (typeof EJECTION_REASONS)[number];

/** How requests fail that are the fault of an endpoint: it does not accept, breaks off, is silent, talks nonsense, or says 502, 503 or 504. */
export const FAILURE_KINDS = ['connect', 'reset', 'timeout', 'invalid', 'status'] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

/**
 * A request that shows whether an ejected endpoint is back; 0 is any other request. It stands for one moment in the life of
 * the endpoint: when that has gone on meanwhile, what becomes of the request does not count any more.
 */
export type Probe = number;

/** An ordinary request. */
export const NO_PROBE: Probe = 0;
