import type { Socket } from 'node:net';
import type { ClientAddress, ConnectionMemo } from '../core/exchange.ts';
import type { Headers } from '../core/headers.ts';
import { callerOf } from '../core/http/forwarded.ts';
import type { ConnectionOrigin, ConnectionPlan } from './http1/connection-plan.ts';

/** Who is at the other end of a connection, and what is believed of what it says about others. */
export class ClientEnd {
  /** With which it proved itself in its TLS handshake (DER), or null. */
  readonly certificate: Uint8Array | null;
  readonly memo: ConnectionMemo = { forwarding: null, logged: null };
  readonly #socket: Socket;
  /** Whether somebody else told who it is; then its own word counts for nothing. */
  readonly #isTold: boolean;
  #plan: ConnectionPlan;
  #peer: ClientAddress | null;
  #isTrusted = false;

  constructor(socket: Socket, plan: ConnectionPlan, origin: Omit<ConnectionOrigin, 'preface'>) {
    this.#socket = socket;
    this.#plan = plan;
    this.#peer = origin.peer;
    this.#isTold = origin.peer !== null;
    this.certificate = origin.clientCertificate;
  }

  /** From the next request on: trust that was withdrawn must not live on in connections that are kept open. */
  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.memo.forwarding = null;
    if (!this.#isTold && this.#peer !== null) this.#isTrusted = plan.isTrusted(this.#peer);
  }

  /** Its address. Nobody looks before the first request: many connections have none. */
  get peer(): ClientAddress {
    return (this.#peer ??= this.#look());
  }

  get isTrusted(): boolean {
    this.#peer ??= this.#look();
    return this.#isTrusted;
  }

  /** Whom a request with these fields is from: itself, or who a trusted one says. */
  clientOf(headers: Headers): ClientAddress {
    return this.isTrusted ? callerOf(headers, this.peer, this.#plan) : this.peer;
  }

  /** What a trusted one calls a request with these fields. */
  idOf(headers: Headers): string | undefined {
    return this.isTrusted ? headers.get('x-request-id') : undefined;
  }

  #look(): ClientAddress {
    const peer = addressOf(this.#socket);
    this.#isTrusted = this.#plan.isTrusted(peer);
    return peer;
  }
}

/** An IPv4 address stays one where both kinds come in by one door. */
function addressOf({ remoteAddress = '', remoteFamily, remotePort = 0 }: Socket): ClientAddress {
  const isMapped = remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.');
  const address = isMapped ? remoteAddress.slice(7) : remoteAddress;
  const family = isMapped || remoteFamily === 'IPv4' ? 'ipv4' : 'ipv6';
  return { address, family, port: remotePort };
}
