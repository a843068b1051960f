import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Particulars } from '../../core/problem.ts';

/** What may be counted as denied. */
export const LIMIT_CONTENT_REASONS = [
  'decompressedBytes',
  'jsonDepth',
  'coding-unknown',
  'coding-malformed',
  'charset-unknown',
  'not-utf-8',
] as const;

/** What is wrong with a body: what to count, and what to answer. */
export interface Violation {
  readonly reason: (typeof LIMIT_CONTENT_REASONS)[number];
  readonly code: ErrorCode;
  /** As a path in the configuration of the route. */
  readonly rule: string;
  readonly fields?: Particulars['fields'];
}

/** Counts a violation, and says whether it ends the body or the policy only reports. */
export type Judge = (violation: Violation) => 'end' | 'go on';

/** The error with which a body ends that is on its way already. */
export function endingError({ reason, code, rule }: Violation): GatewayError {
  return new GatewayError(code, `the request body is refused: ${reason}`, { rule });
}
