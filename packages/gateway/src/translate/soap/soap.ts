import type { SoapConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';
import { refuse } from '../../core/problem.ts';
import { elementJson } from './element-json.ts';
import { envelopeText, openEnvelope, type EnvelopeContent } from './envelope.ts';
import { faultReply } from './fault-reply.ts';
import { XmlFault } from './read-xml.ts';
import { requestMembers } from './request-members.ts';
import { UnwritableValue } from './write-xml.ts';

/**
 * Between HTTP with JSON, as clients speak it, and SOAP, as the service does.
 *
 * 1. The members of the request become the elements of one operation. 2. What is inside of this sees a request with XML; what is
 * outside never does. 3. The answer is JSON, and a fault is a problem.
 */
export function soap(config: SoapConfig): Wrapper {
  const lists = new Set(config.lists);

  async function serve(exchange: Exchange, next: Handler): Promise<Reply> {
    if (!hasJson(exchange)) return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', ACCEPT);
    const { bytes, body } = await collectBody(exchange, exchange.body, config.messageBytes);
    exchange.body = body;
    if (bytes === null) return tooLarge(exchange);
    const envelope = envelopeOf(exchange, bytes, config); // 1
    if (envelope.kind === 'refused') return envelope.reply;
    const reply = await asSoap(exchange, { body: envelope.text, config }, next); // 2
    if (reply.code !== '' || !isXml(reply)) return unexpected(reply);
    const content = await readReply(exchange, reply, config.messageBytes); // 3
    if (content.kind === 'fault') return faultReply(exchange, content.fault, lists);
    return jsonReply(reply, JSON.stringify(elementJson(content.element, lists)));
  }

  return (next) => (exchange) => serve(exchange, next);
}

type Envelope =
  | { readonly kind: 'envelope'; readonly text: string }
  | { readonly kind: 'refused'; readonly reply: Reply };

function envelopeOf(exchange: Exchange, body: string, config: SoapConfig): Envelope {
  const invalid = (detail: string): Envelope => ({
    kind: 'refused',
    reply: refuse(exchange, 'INVALID_REQUEST', { rule: 'translate.soap', detail }),
  });
  const members = requestMembers(exchange, body, config);
  if (typeof members === 'string') return invalid(members);
  try {
    return { kind: 'envelope', text: Buffer.from(envelopeText(config, members)).toString('latin1') };
  } catch (error) {
    if (error instanceof UnwritableValue) return invalid(`${error.message}.`);
    throw error;
  }
}

/** The exchange carries XML until its head is answered, and then again what it did. */
async function asSoap(
  exchange: Exchange,
  { body, config }: { readonly body: string; readonly config: SoapConfig },
  next: Handler,
): Promise<Reply> {
  const { headers, body: ownBody, targetMethod, targetQuery } = exchange;
  exchange.headers = soapHeaders(headers, config);
  exchange.body = body;
  exchange.targetMethod = 'POST';
  exchange.targetQuery = '';
  try {
    return await next(exchange);
  } finally {
    exchange.headers = headers;
    exchange.body = ownBody;
    exchange.targetMethod = targetMethod;
    exchange.targetQuery = targetQuery;
  }
}

/** SOAP 1.1 names the action in a field of its own (§6.1.1), 1.2 in the media type (RFC 3902). */
function soapHeaders(headers: Headers, { version, action }: SoapConfig): Headers {
  const own = headers.share();
  for (const name of ['content-encoding', 'accept-encoding', 'soapaction']) own.delete(name);
  const parameter = action === '' ? '' : `; action="${action}"`;
  if (version === '1.2')
    return own
      .set('Content-Type', `application/soap+xml; charset=utf-8${parameter}`)
      .set('Accept', 'application/soap+xml');
  return own
    .set('Content-Type', 'text/xml; charset=utf-8')
    .set('Accept', 'text/xml')
    .append('SOAPAction', `"${action}"`);
}

function hasJson({ body, headers }: Exchange): boolean {
  if (body === null) return true;
  return (
    /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers.get('content-type') ?? '') &&
    !isContentCoded(headers)
  );
}

function isXml({ headers }: Reply): boolean {
  return /^(text|application)\/([\w.+-]+\+)?xml\s*(;|$)/i.test(headers.get('content-type') ?? '');
}

/** Our own refusals go on as they are, and so do errors that some server in between has written. */
function unexpected(reply: Reply): Reply {
  if (reply.code !== '' || reply.status >= 300) return reply;
  if (typeof reply.body === 'object') reply.body?.cancel();
  throw new GatewayError('UPSTREAM_INVALID', 'the answer is no XML');
}

async function readReply(
  exchange: Exchange,
  { headers, body }: Reply,
  maxBytes: number,
): Promise<EnvelopeContent> {
  const { bytes, body: rest } = await collectBody(exchange, body, maxBytes);
  if (bytes === null) {
    if (typeof rest === 'object') rest?.cancel();
    throw new GatewayError('UPSTREAM_INVALID', `the answer has more than ${maxBytes} bytes`);
  }
  try {
    return openEnvelope(decoded(bytes, headers.get('content-type') ?? ''));
  } catch (error) {
    if (error instanceof XmlFault || error instanceof RangeError || error instanceof TypeError)
      throw new GatewayError('UPSTREAM_INVALID', 'the answer is no SOAP envelope', { cause: error });
    throw error;
  }
}

function decoded(bytes: string, contentType: string): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([\w-]+)/i.exec(contentType) ?? [];
  return new TextDecoder(charset, { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
}

function jsonReply(reply: Reply, json: string): Reply {
  const headers = reply.headers.share();
  for (const name of ['content-length', 'content-encoding', 'etag', 'content-md5', 'digest'])
    headers.delete(name);
  headers.set('Content-Type', 'application/json');
  return { ...reply, headers, body: Buffer.from(json).toString('latin1') };
}

function tooLarge(exchange: Exchange): Reply {
  const { body } = exchange;
  if (typeof body === 'object') body?.cancel();
  return refuse(exchange, 'BODY_TOO_LARGE', { rule: 'translate.soap.messageSize' });
}

const ACCEPT = { rule: 'translate.soap', fields: [['Accept', 'application/json']] } as const;
