import type { Violation } from '@turnpike/config/validation';
import type { ErrorCode } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { refuse, type Particulars } from '../../core/problem.ts';

/** What may be counted as denied or reported. */
export const VALIDATE_REASONS = [
  'path',
  'method',
  'parameters',
  'media-type',
  'content-coding',
  'body-bytes',
  'body',
  'response-status',
  'response-headers',
  'response-media-type',
  'response-body',
] as const;

/** What may be counted as failed: responses that could not be looked into. */
export const UNCHECKED_REASONS = ['response-coding', 'response-bytes'] as const;

/** Why a message is refused. */
export interface Complaint {
  readonly code: ErrorCode;
  readonly reason: (typeof VALIDATE_REASONS)[number];
  readonly particulars: Particulars;
  /** What is wrong with it, as far as that is about its content. */
  readonly violations: readonly Violation[];
}

/** However much is wrong with a request, no more of it is told. */
const MAX_TOLD = 50;
const RULE = 'validate';
const NO_VIOLATIONS: readonly Violation[] = [];

/** The document has no such path. */
export const UNKNOWN_PATH = complaint('NO_ROUTE', 'path');
/** The body is larger than what is collected to look at it. */
export const TOO_LARGE = complaint('BODY_TOO_LARGE', 'body-bytes', { rule: 'validate.bodyBytes' });
/** The body would have to be decoded to look at it (RFC 9110 §15.5.16). */
export const ENCODED = complaint('UNSUPPORTED_MEDIA_TYPE', 'content-coding', {
  fields: [['Accept-Encoding', 'identity']],
});

/** The document has the path, but not for this method. */
export function unknownMethod(allow: string): Complaint {
  return complaint('METHOD_NOT_ALLOWED', 'method', { fields: [['Allow', allow]] });
}

/** The document has the operation, but not for bodies of this type. */
export function unsupported(accept: string): Complaint {
  return complaint('UNSUPPORTED_MEDIA_TYPE', 'media-type', { fields: [['Accept', accept]] });
}

/** Null if nothing is wrong. */
export function invalidRequest(
  reason: 'parameters' | 'body',
  violations: readonly Violation[],
): Complaint | null {
  if (violations.length === 0) return null;
  const errors = violations.slice(0, MAX_TOLD).map((violation) => ({ ...violation }));
  return { ...complaint('INVALID_REQUEST', reason, { members: { errors } }), violations };
}

/** A client is not told what is wrong with a response: it is not the one who could mend it. */
export function invalidResponse(
  reason: Extract<Complaint['reason'], `response-${string}`>,
  violations: readonly Violation[],
): Complaint {
  return { ...complaint('INVALID_RESPONSE', reason), violations };
}

/** The reply to a message that is refused. */
export function refusal(exchange: Exchange, { code, particulars }: Complaint): Reply {
  return refuse(exchange, code, particulars);
}

function complaint(code: ErrorCode, reason: Complaint['reason'], particulars: Particulars = {}): Complaint {
  return { code, reason, particulars: { rule: RULE, ...particulars }, violations: NO_VIOLATIONS };
}
