import type { RpcId } from '../../core/mcp/message.ts';
import { MODERN, RPC, SUPPORTED } from '../../core/mcp/protocol.ts';
import type { RpcError } from '../../core/mcp/rpc-reply.ts';

/** Why a message cannot be taken, with the status and the error that say so. */
export interface MessageFault {
  readonly kind: 'fault';
  /** For the metrics. */
  readonly reason: 'malformed' | 'batch' | 'version' | 'mismatch' | 'envelope';
  readonly status: number;
  readonly id: RpcId | null;
  readonly error: RpcError;
}

/** It is no message. */
export function malformed(code: number, message: string): MessageFault {
  return { kind: 'fault', reason: 'malformed', status: 400, id: null, error: { code, message } };
}

/** It is several. */
export function batch(): MessageFault {
  const message = `Batches are not taken; the revision ${MODERN} has none`;
  return {
    kind: 'fault',
    reason: 'batch',
    status: 400,
    id: null,
    error: { code: RPC.invalidRequest, message },
  };
}

/** It is in a revision that is not spoken here. */
export function unsupported(id: RpcId | null, requested: string): MessageFault {
  const data = { supported: [...SUPPORTED], requested };
  const error = { code: RPC.unsupportedVersion, message: 'Unsupported protocol version', data };
  return { kind: 'fault', reason: 'version', status: 400, id, error };
}

/** It does not say of itself what every request has to say. */
export function envelope(id: RpcId | null, what: string): MessageFault {
  const error = { code: RPC.invalidParams, message: `Invalid params: ${what}` };
  return { kind: 'fault', reason: 'envelope', status: 400, id, error };
}

/** Headers and body disagree. */
export function mismatch(id: RpcId | null, what: string): MessageFault {
  const error = { code: RPC.headerMismatch, message: `Header mismatch: ${what}` };
  return { kind: 'fault', reason: 'mismatch', status: 400, id, error };
}
