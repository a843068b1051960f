import type {
  BodyCheck,
  Contract,
  Operation,
  UnknownParameters,
  Violation,
} from '@turnpike/config/validation';
import type { Body } from '../../core/body.ts';
import type { Exchange } from '../../core/exchange.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';
import {
  ENCODED,
  invalidRequest,
  TOO_LARGE,
  UNKNOWN_PATH,
  unknownMethod,
  unsupported,
  type Complaint,
} from './complaint.ts';
import { RequestHead } from './message-heads.ts';

/** What requests are held against. */
export interface RequestPlan {
  readonly contract: Contract;
  readonly unknownParameters: UnknownParameters;
  /** Of the bodies that are looked at. */
  readonly bodyBytes: number;
}

/** What can be said of a request without waiting for its body. */
export interface ExaminedRequest {
  /** Null: nothing is described for this request. */
  readonly operation: Operation | null;
  readonly complaint: Complaint | null;
  /** What its body has to be held against when it is here; null: nothing more. */
  readonly checkBody: BodyCheck | null;
}

const UNDESCRIBED: Violation = { detail: 'is not described', in: 'body', pointer: '#', keyword: 'unknown' };

/** Looks at the head of a request, at what it says of its body, and at a body that is here. */
export function examineRequest(exchange: Exchange, plan: RequestPlan): ExaminedRequest {
  const found = plan.contract.find(exchange.method, exchange.path, exchange.params);
  if (found.kind === 'unknown-path') return refused(UNKNOWN_PATH, null);
  if (found.kind === 'unknown-method') return refused(unknownMethod(found.allow), null);
  const { operation, params } = found;
  const violations = operation.checkHead(new RequestHead(exchange, params), plan.unknownParameters);
  const { body } = exchange;
  if (body === null) return judged(operation, violations, operation.missingBody());
  const rule = operation.body(exchange.headers.getList('content-type'));
  switch (rule.kind) {
    case 'any':
      return judged(operation, violations, NONE);
    case 'undescribed':
      return judged(operation, violations, plan.unknownParameters === 'refuse' ? [UNDESCRIBED] : NONE);
    case 'unsupported':
      return refused(unsupported(rule.accept), operation);
    case 'check':
      if (isContentCoded(exchange.headers)) return refused(ENCODED, operation);
      if (body.length > plan.bodyBytes) return refused(TOO_LARGE, operation);
      return withBody({ operation, violations, body, check: rule.check });
    default:
      return rule satisfies never;
  }
}

const NONE: readonly Violation[] = [];

interface WithBody {
  readonly operation: Operation;
  readonly violations: readonly Violation[];
  readonly body: NonNullable<Body>;
  readonly check: BodyCheck;
}

/** A body that is still to come is not waited for if the head is wrong already. */
function withBody({ operation, violations, body, check }: WithBody): ExaminedRequest {
  if (typeof body === 'string') return judged(operation, violations, check(body));
  if (violations.length > 0) return judged(operation, violations, NONE);
  // In chunks there may come none.
  const checkBody: BodyCheck = (bytes) => (bytes === '' ? operation.missingBody() : check(bytes));
  return { operation, complaint: null, checkBody };
}

function refused(complaint: Complaint, operation: Operation | null): ExaminedRequest {
  return { operation, complaint, checkBody: null };
}

function judged(
  operation: Operation,
  ofHead: readonly Violation[],
  ofBody: readonly Violation[],
): ExaminedRequest {
  const complaint =
    ofHead.length > 0 ? invalidRequest('parameters', [...ofHead, ...ofBody]) : invalidRequest('body', ofBody);
  return { operation, complaint, checkBody: null };
}
