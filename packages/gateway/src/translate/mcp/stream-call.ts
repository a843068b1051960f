import { TAKEN, type Body, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { answerOf } from './ask.ts';
import { CallMessages } from './call-messages.ts';
import { noteRecord, ownExchange, type OwnRequest } from './own-exchange.ts';
import type { ToolResult } from './results.ts';
import {
  addCredentials,
  answerBytes,
  broken,
  resultOf,
  type ServicePorts,
  type Shaping,
} from './service-call.ts';
import { ToldMessages, type Teller } from './told-messages.ts';

/** How the messages of a call are asked for: the only form in which an error is not taken for a message. */
export const EVENTS = 'text/event-stream';

/** A call that is answered with many messages. */
export interface StreamCall {
  readonly request: OwnRequest;
  readonly shaping: Shaping;
  /** Null: the client waits for the result. */
  readonly teller: Teller | null;
}

/**
 * Calls a method that streams. Its messages become one result; a client that wants to know how it goes on is told of each. When
 * they are too much for a result the call is ended, so that one that never ends itself has an end.
 */
export async function askForMessages(
  exchange: Exchange,
  { request, shaping, teller }: StreamCall,
  { towards, wheel, ownsCredentials }: ServicePorts,
): Promise<ToolResult | ToldMessages> {
  if (ownsCredentials) addCredentials(exchange, request);
  const own = ownExchange(exchange, request, wheel.nowMs);
  exchange.whenEnded(() => {
    noteRecord(exchange, own);
    own.end();
  });
  exchange.whenCancelled({ cancelled: (code) => own.cancel(code) });
  try {
    const reply = await towards(own);
    if (reply.headers.get('content-type') !== EVENTS)
      return resultOf(await answerOf(own, reply, { maxBytes: answerBytes(shaping) }), shaping);
    const messages = new CallMessages(shaping);
    if (typeof reply.body !== 'object' || reply.body === null) return whole(reply.body, messages);
    if (teller !== null) return new ToldMessages(reply.body, messages, teller);
    return await gathered(own, reply.body, messages);
  } catch (error) {
    return broken(error, exchange);
  } finally {
    if (exchange.cancelled === null) exchange.whenCancelled(null);
  }
}

/** The call was over before it had begun. */
function whole(body: Exclude<Body, BodySource>, messages: CallMessages): ToolResult {
  messages.take(Buffer.from(body ?? '', 'latin1'));
  return messages.result();
}

function gathered(own: Exchange, source: BodySource, messages: CallMessages): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const finish = (): void => resolve(messages.result());
    own.whenCancelled({
      cancelled(code) {
        source.cancel();
        reject(new GatewayError(code, 'cancelled while its messages were gathered'));
      },
    });
    source.readTo({
      write(chunk) {
        messages.take(chunk);
        if (!messages.isFull) return TAKEN;
        source.cancel();
        finish();
        return TAKEN;
      },
      flush() {},
      end: finish,
      fail: reject,
    });
  });
}
