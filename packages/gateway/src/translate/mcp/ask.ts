import { collectBody } from '../../core/collect-body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { noteRecord, ownExchange, type OwnRequest } from './own-exchange.ts';

/** What a service answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** One character a byte; null: more than was asked for. */
  readonly bytes: string | null;
}

/** How something is asked. */
export interface Asking {
  readonly towards: Handler;
  readonly nowMs: number;
  readonly maxBytes: number;
}

/**
 * Asks a service something in the name of the caller of an exchange, and waits for the whole answer. When the caller goes away or
 * has waited long enough, the service is told at once.
 */
export function ask(parent: Exchange, request: OwnRequest, asking: Asking): Promise<Answer> {
  return within(parent, request, asking.nowMs, async (own) =>
    answerOf(own, await asking.towards(own), asking),
  );
}

/** Does something with an exchange of our own, which ends with it and with its parent. */
export async function within<T>(
  parent: Exchange,
  request: OwnRequest,
  nowMs: number,
  work: (own: Exchange) => Promise<T>,
): Promise<T> {
  if (parent.cancelled !== null)
    throw new GatewayError(parent.cancelled, 'cancelled before a tool was called');
  const own = ownExchange(parent, request, nowMs);
  parent.whenCancelled({ cancelled: (code) => own.cancel(code) });
  try {
    return await work(own);
  } finally {
    if (parent.cancelled === null) parent.whenCancelled(null);
    noteRecord(parent, own);
    own.end();
  }
}

/** Reads an answer, up to its limit. */
export async function answerOf(
  own: Exchange,
  reply: Reply,
  { maxBytes }: Pick<Asking, 'maxBytes'>,
): Promise<Answer> {
  const { status, headers } = reply;
  const { bytes, body } = await collectBody(own, reply.body, maxBytes);
  if (bytes === null && body !== null && typeof body === 'object') body.cancel();
  return { status, headers, bytes };
}
