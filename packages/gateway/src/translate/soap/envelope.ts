import type { SoapConfig } from '@turnpike/config';
import type { Json } from '../../core/identity.ts';
import { readXml, XmlFault, type XmlLimits } from './read-xml.ts';
import { elementText, escaped } from './write-xml.ts';
import type { XmlElement } from './xml-element.ts';

const ENVELOPE = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const LIMITS: XmlLimits = { depth: 64, elements: 100_000 };

/** A request (SOAP 1.1 §4, SOAP 1.2 part 1 §5). Throws `UnwritableValue` for members that XML has no form for. */
export function envelopeText(
  { version, namespace, operation }: SoapConfig,
  members: Readonly<Record<string, Json>>,
): string {
  const inside = Object.entries(members).map(([name, value]) => elementText(name, value));
  return (
    `<?xml version="1.0" encoding="utf-8"?>` +
    `<soap:Envelope xmlns:soap="${ENVELOPE[version]}" xmlns:xsi="${INSTANCE}"><soap:Body>` +
    `<${operation} xmlns="${escaped(namespace)}">${inside.join('')}</${operation}>` +
    '</soap:Body></soap:Envelope>'
  );
}

/** What is in the body of a reply: the answer, or a fault. */
export type EnvelopeContent =
  | { readonly kind: 'answer'; readonly element: XmlElement }
  | { readonly kind: 'fault'; readonly fault: SoapFault };

/** A fault in either version. */
export interface SoapFault {
  /** Without prefix: `Client`, `Sender`, `Server`, `Receiver` and the like. */
  readonly code: string;
  readonly reason: string;
  readonly detail: XmlElement | null;
}

/** Opens a reply. Throws an `XmlFault` for what is no envelope. */
export function openEnvelope(text: string): EnvelopeContent {
  const root = readXml(text, LIMITS);
  const body = root.name === 'Envelope' ? child(root, 'Body') : undefined;
  if (body === undefined) throw new XmlFault('there is no envelope with a body', 0);
  const [first] = body.children;
  if (first?.name === 'Fault') return { kind: 'fault', fault: faultOf(first) };
  return { kind: 'answer', element: first ?? body };
}

function faultOf(fault: XmlElement): SoapFault {
  const code = child(fault, 'faultcode')?.text ?? textAt(fault, 'Code', 'Value');
  return {
    code: code.trim().replace(/^.*:/, '').replace(/\..*$/, ''),
    reason: (child(fault, 'faultstring')?.text ?? textAt(fault, 'Reason', 'Text')).trim(),
    detail: child(fault, 'detail') ?? child(fault, 'Detail') ?? null,
  };
}

function child({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((element) => element.name === name);
}

function textAt(element: XmlElement, outer: string, inner: string): string {
  const found = child(element, outer);
  return found === undefined ? '' : (child(found, inner)?.text ?? '');
}
