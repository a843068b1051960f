import type { SoapConfig } from '@turnpike/config';
import type { Json } from '../../core/identity.ts';
import { readXml, XmlFault, type XmlLimits } from './read-xml.ts';
import { elementsText, escaped } from './write-xml.ts';
import type { XmlElement } from './xml-element.ts';
import { INSTANCE } from './xml-scope.ts';

const ENVELOPE = {
  'soap1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  'soap1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;
const LIMITS: XmlLimits = { depth: 64, elements: 100_000 };

/** A request (SOAP 1.1 §4, SOAP 1.2 part 1 §5). Throws `UnwritableValue` for members that XML has no form for. */
export function envelopeText(
  { version, namespace, operation, messageBytes }: SoapConfig,
  members: ReadonlyMap<string, Json>,
): string {
  const inside = elementsText(members, messageBytes);
  return (
    `<?xml version="1.0" encoding="utf-8"?>` +
    `<soap:Envelope xmlns:soap="${ENVELOPE[version]}" xmlns:xsi="${INSTANCE}"><soap:Body>` +
    `<${operation} xmlns="${escaped(namespace)}">${inside}</${operation}>` +
    '</soap:Body></soap:Envelope>'
  );
}

/** What is in the body of a reply: the answer (null: the body is empty), or a fault. */
export type EnvelopeContent =
  | { readonly kind: 'answer'; readonly element: XmlElement | null }
  | { readonly kind: 'fault'; readonly fault: SoapFault };

/** A fault in either version. */
export interface SoapFault {
  /** Without prefix: `Client`, `Sender`, `Server`, `Receiver` and the like. */
  readonly code: string;
  /** What the service calls it more precisely, or `''`. */
  readonly subcode: string;
  readonly reason: string;
  readonly detail: XmlElement | null;
}

/** Opens a reply of either version: services that do not know ours answer in theirs. Throws an `XmlFault` for what is none. */
export function openEnvelope(text: string): EnvelopeContent {
  const root = readXml(text, LIMITS);
  const isEnvelope = root.name === 'Envelope' && Object.values<string>(ENVELOPE).includes(root.namespace);
  const body = isEnvelope ? child(root, 'Body') : undefined;
  if (body === undefined) throw new XmlFault('there is no envelope with a body', 0);
  const [first = null] = body.children;
  if (first?.name === 'Fault' && first.namespace === root.namespace)
    return { kind: 'fault', fault: faultOf(first) };
  return { kind: 'answer', element: first };
}

/** SOAP 1.1 §4.4 writes `Client.Authentication`, 1.2 part 1 §5.4 an element in another. */
function faultOf(fault: XmlElement): SoapFault {
  const one = child(fault, 'faultcode');
  const [code = '', ...finer] = one === undefined ? [] : local(one.text).split('.');
  const two = child(fault, 'Code');
  return {
    code: one === undefined ? local(textIn(two, 'Value')) : code,
    subcode: one === undefined ? local(textIn(two && child(two, 'Subcode'), 'Value')) : finer.join('.'),
    reason: (child(fault, 'faultstring')?.text ?? textIn(child(fault, 'Reason'), 'Text')).trim(),
    detail: child(fault, 'detail') ?? child(fault, 'Detail') ?? null,
  };
}

/** A qualified name without its prefix. */
function local(name: string): string {
  return name.trim().replace(/^.*:/, '');
}

function child({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((element) => element.name === name);
}

function textIn(element: XmlElement | undefined, name: string): string {
  return (element && child(element, name)?.text) ?? '';
}
