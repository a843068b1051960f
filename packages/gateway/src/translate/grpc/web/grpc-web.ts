import type { Body } from '../../../core/body.ts';
import type { Exchange, Handler, Reply } from '../../../core/exchange.ts';
import { refuse } from '../../../core/problem.ts';
import { askTranslated } from '../../../core/translated-call.ts';
import { callStatus, completed, failureFields, readReply, untilCancelled } from '../call-reply.ts';
import { callFields, limitsOfReply, limitsOfRequest } from '../grpc-call.ts';
import { samePassage } from '../passage.ts';
import { NO_ENDING, PassingBody, passWhole, type Ending } from '../passing-body.ts';
import { textBody, textPassage } from './text-passage.ts';
import { trailerFrame } from './trailer-frame.ts';
import { replyType, webForm, type WebForm } from './web-type.ts';

/** What the stage has to know of its route. */
export interface GrpcWebPlan {
  /** Of one message, both ways. */
  readonly messageBytes: number;
}

/** Fields of a request that say nothing to a gRPC service, or that are said anew. */
const DROPPED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'te',
  'x-grpc-web',
]);

/**
 * Calls of gRPC-Web as calls of gRPC (grpc/doc/PROTOCOL-WEB.md). Their messages are framed alike, so they go on as they are, in
 * both directions and as they come; text is decoded and encoded on the way. What a browser cannot read, the trailers, becomes
 * the last message of the body.
 */
export function grpcWeb({ messageBytes }: GrpcWebPlan): (next: Handler) => Handler {
  return (next) => async (exchange) => {
    if (exchange.method !== 'POST')
      return refuse(exchange, 'METHOD_NOT_ALLOWED', { fields: [['Allow', 'POST']] });
    const form = webForm(exchange.headers);
    const call = {
      headers: callFields(exchange.headers, `application/grpc${form.format}`, DROPPED),
      body: requestBody(exchange.body, form, messageBytes),
    };
    return webReply(exchange, await askTranslated(exchange, call, next), { ...form, messageBytes });
  };
}

function requestBody(body: Body, { sendsText }: WebForm, messageBytes: number): Body {
  if (body === null) return null;
  const same = samePassage(limitsOfRequest(messageBytes));
  const passage = sendsText ? textPassage(same) : same;
  return typeof body === 'string' ? passWhole(body, passage) : new PassingBody(body, passage, NO_ENDING);
}

/** Trailers without messages before them stay in the head, where a client looks first. */
function webReply(exchange: Exchange, reply: Reply, form: WebForm & GrpcWebPlan): Reply {
  const read = readReply(exchange, reply);
  const fields = read.kind === 'ended' ? read.trailers : read.headers;
  const headers = fields.share().set('Content-Type', replyType(form.readsText, fields.get('content-type')));
  if (read.kind === 'ended') return { ...reply, status: 200, headers, body: null };
  const passing = new PassingBody(
    read.body,
    samePassage(limitsOfReply(form.messageBytes)),
    endingOf(exchange),
  );
  const body = untilCancelled(exchange, passing);
  return { ...reply, headers, body: form.readsText ? textBody(body) : body };
}

function endingOf({ record }: Exchange): Ending {
  return {
    after(trailers) {
      const fields = completed(trailers);
      callStatus(fields, record);
      return trailerFrame(fields);
    },
    instead: (error) => trailerFrame(failureFields(error, record)),
  };
}
