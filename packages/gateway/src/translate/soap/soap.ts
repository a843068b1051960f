import type { SoapConfig } from '@turnpike/config';
import { GatewayError } from '../../core/errors.ts';
import { numberText } from '../../core/exact-json.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { invalidArguments, requestArguments } from '../../core/request-arguments.ts';
import { askTranslated, bodyOf, jsonReply, untranslated, wholeReply } from '../../core/translated-call.ts';
import { answerJson } from './element-json.ts';
import { envelopeText, openEnvelope, type EnvelopeContent } from './envelope.ts';
import { faultReply, isOfClient } from './fault-reply.ts';
import { memberValues } from './member-values.ts';
import { XmlFault } from './read-xml.ts';
import { soapHeaders } from './soap-headers.ts';
import { UnwritableValue } from './write-xml.ts';
import { xmlText } from './xml-text.ts';

/** How a call ended at the service. */
export type SoapOutcome = 'answer' | 'client-fault' | 'server-fault';

/** What the translation works with. */
export interface SoapPorts {
  /** Counts a call that the service has answered. */
  readonly countSoap: (outcome: SoapOutcome) => void;
}

/**
 * Between HTTP with JSON, as clients speak it, and SOAP, as the service does.
 *
 * 1. The arguments of the request become the elements of one operation. 2. What is inside of this sees a request with XML; what is
 * outside never does. 3. The answer is JSON, and a fault is a problem.
 */
export function soap(config: SoapConfig, { countSoap }: SoapPorts): Wrapper {
  const { parameters, messageBytes: maxBytes } = config;
  const lists = new Set(config.lists);
  const plan = { parameters, maxBytes, rule: RULE, number: numberText };

  async function serve(exchange: Exchange, next: Handler): Promise<Reply> {
    const given = await requestArguments(exchange, plan); // 1
    if (given.kind === 'refused') return given.reply;
    const values = memberValues(given, config.members);
    const envelope = typeof values === 'string' ? { fault: values } : envelopeOf(config, values);
    if ('fault' in envelope) return invalidArguments(exchange, RULE, envelope.fault).reply;
    const headers = soapHeaders(exchange.headers, config);
    const reply = await askTranslated(exchange, { headers, body: bodyOf(envelope.text) }, next); // 2
    if (isOneWay(reply)) return reply;
    if (reply.code !== '' || !isXml(reply)) return untranslated(reply, 'the answer is no XML');
    const content = contentOf(await wholeReply(exchange, reply, maxBytes), reply); // 3
    if (content.kind === 'fault') {
      countSoap(isOfClient(content.fault) ? 'client-fault' : 'server-fault');
      return faultReply(exchange, reply, { fault: content.fault, lists });
    }
    countSoap('answer');
    return jsonReply(exchange, { ...reply, status: 200 }, JSON.stringify(answerJson(content.element, lists)));
  }

  return (next) => (exchange) => serve(exchange, next);
}

const RULE = 'translate.soap';

function envelopeOf(
  config: SoapConfig,
  values: Parameters<typeof envelopeText>[1],
): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: envelopeText(config, values) };
  } catch (error) {
    if (error instanceof UnwritableValue) return { fault: `${error.message}.` };
    throw error;
  }
}

/** The service has taken the message, and has nothing to say to it (Basic Profile 1.1 §4.7.9). */
function isOneWay(reply: Reply): boolean {
  const { status, body, code } = reply;
  if (code !== '' || status >= 300) return false;
  return body === null || body === '' || (status === 202 && !isXml(reply));
}

function isXml({ headers }: Reply): boolean {
  return /^(?:text|application)\/(?:[\w.+-]+\+)?xml\s*(?:;|$)/i.test(headers.get('content-type') ?? '');
}

function contentOf(bytes: string, { headers }: Reply): EnvelopeContent {
  try {
    return openEnvelope(xmlText(bytes, headers.get('content-type') ?? ''));
  } catch (error) {
    if (error instanceof XmlFault || error instanceof RangeError || error instanceof TypeError)
      throw new GatewayError('UPSTREAM_INVALID', 'the answer is no SOAP envelope', { cause: error });
    throw error;
  }
}
