import type { ValidateConfig } from '@turnpike/config';
import type { BodyCheck, Contract, ContractPlan } from '@turnpike/config/validation';
import { collectBody } from '../../core/collect-body.ts';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Log } from '../../core/ports.ts';
import { tapBody } from '../../core/tap-body.ts';
import { invalidRequest, refusal, TOO_LARGE, type Complaint } from './complaint.ts';
import { examineRequest, type ExaminedRequest } from './examine-request.ts';
import { checkedResponses, type Serve } from './responses.ts';

/** The route, and the names of the parameters of its path. */
export interface ValidatePlan {
  readonly route: string;
  readonly names: readonly string[];
}

/** Makes contracts of what the documents of a snapshot, or a route's own schemas, describe. */
export type CompileContract = (plan: Omit<ContractPlan, 'documents'>) => Contract;

/** What the stage reaches the world through. */
export interface ValidatePorts {
  readonly decisions: DecisionsOf;
  readonly log: Log;
  /** By `@turnpike/config/validation`, which is loaded only where a route validates. */
  readonly compileContract: CompileContract;
}

/**
 * Refuses requests that are not as an OpenAPI document or schemas describe them, with everything that is wrong with them; and
 * looks at responses, where the route says so.
 *
 * 404 and 405 for what the document does not have, 415 for bodies of other types and for compressed ones, 413 for those that are
 * too large to be looked at, and 400 for the rest. A body is waited for, and goes on byte for byte as it came. In report mode
 * nothing waits: a body is copied on its way, and looked at when it is complete.
 */
export function validate(
  config: ValidateConfig | null,
  plan: ValidatePlan,
  ports: ValidatePorts,
): Wrapper | null {
  if (config === null) return null;
  const { source, unknownParameters, bodyBytes, mode } = config;
  const contract = ports.compileContract({ source, names: plan.names });
  const requestPlan = { contract, unknownParameters, bodyBytes };
  const decisions = ports.decisions('validate');
  const judge = (mode === 'report' ? reporting : enforcing)(decisions, bodyBytes);
  const responses = checkedResponses(config, plan.route, { decisions, log: ports.log });

  return (next) => {
    const serve = responses(next);
    return (exchange) => judge(exchange, examineRequest(exchange, requestPlan), serve);
  };
}

/** Decides about a request, and lets it be served. */
type Judge = (exchange: Exchange, request: ExaminedRequest, serve: Serve) => Promise<Reply>;

function enforcing(decisions: Decisions, bodyBytes: number): Judge {
  const refuse = (exchange: Exchange, complaint: Complaint): Promise<Reply> => {
    decisions.denied(complaint.reason);
    return Promise.resolve(refusal(exchange, complaint));
  };

  const serveWhole = async (
    exchange: Exchange,
    check: BodyCheck,
    serve: () => Promise<Reply>,
  ): Promise<Reply> => {
    const { bytes, body } = await collectBody(exchange, exchange.body, bodyBytes);
    exchange.body = body;
    const complaint = bytes === null ? TOO_LARGE : invalidRequest('body', check(bytes));
    if (complaint === null) return serve();
    if (typeof body === 'object') body?.cancel();
    return refuse(exchange, complaint);
  };

  return (exchange, { operation, complaint, checkBody }, serve) => {
    if (complaint !== null) return refuse(exchange, complaint);
    const allowed = (): Promise<Reply> => {
      decisions.allowed();
      return serve(exchange, operation);
    };
    return checkBody === null ? allowed() : serveWhole(exchange, checkBody, allowed);
  };
}

function reporting(decisions: Decisions, bodyBytes: number): Judge {
  const report = (complaint: Complaint | null): void => {
    if (complaint === null) decisions.allowed();
    else decisions.reported(complaint.reason);
  };

  return (exchange, { operation, complaint, checkBody }, serve) => {
    const { body } = exchange;
    if (checkBody === null || body === null || typeof body === 'string') report(complaint);
    else
      exchange.body = tapBody(body, bodyBytes, (bytes) =>
        report(bytes === null ? TOO_LARGE : invalidRequest('body', checkBody(bytes))),
      );
    return serve(exchange, operation);
  };
}
