import type { BodyCheck, BodyRule, Operation } from '@turnpike/config/validation';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';
import { isBodiless } from '../../core/http/status.ts';
import { invalidResponse, type Complaint } from './complaint.ts';
import { ResponseHead } from './message-heads.ts';

/** What can be said of a response without waiting for its body. */
export interface ExaminedResponse {
  readonly complaint: Complaint | null;
  /** What its body has to be held against; null: nothing, or nothing that can be looked into. */
  readonly checkBody: BodyCheck | null;
  /** Whether it is compressed, and passes for that. */
  readonly isCoded: boolean;
}

const FINE: ExaminedResponse = { complaint: null, checkBody: null, isCoded: false };

/** Looks at the head of a response, and at what it says of its body. */
export function examineResponse(exchange: Exchange, reply: Reply, operation: Operation): ExaminedResponse {
  const { status, headers, body } = reply;
  const contract = operation.response(status);
  if (contract === null) return isExpected(status) ? FINE : wrong(invalidResponse('response-status', []));
  const violations = contract.checkHead(new ResponseHead(headers));
  if (violations.length > 0) return wrong(invalidResponse('response-headers', violations));
  if (isBodiless(status, exchange.method)) return FINE;
  const rule = contract.body(headers.getList('content-type'));
  if (body === null && rule.kind !== 'check') return FINE;
  return byRule(rule, reply);
}

/** Nobody describes that nothing has changed since, or that a service fails. */
function isExpected(status: number): boolean {
  return status === 304 || status >= 500;
}

function byRule(rule: BodyRule, { headers }: Reply): ExaminedResponse {
  if (rule.kind === 'unsupported') return wrong(invalidResponse('response-media-type', []));
  // Many documents say nothing of the bodies of errors.
  if (rule.kind !== 'check') return FINE;
  if (isContentCoded(headers)) return { ...FINE, isCoded: true };
  return { ...FINE, checkBody: rule.check };
}

function wrong(complaint: Complaint): ExaminedResponse {
  return { ...FINE, complaint };
}
