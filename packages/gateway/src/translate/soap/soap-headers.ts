import type { SoapConfig } from '@turnpike/config';
import type { Headers } from '../../core/headers.ts';
import { requestHeaders } from '../../core/translated-call.ts';

/** The fields of a request. SOAP 1.1 names the action in one of its own (§6.1.1), 1.2 in the media type (RFC 3902). */
export function soapHeaders(headers: Headers, { version, action }: SoapConfig): Headers {
  const own = requestHeaders(headers);
  own.delete('soapaction');
  if (version === 'soap1.1')
    return own
      .set('Content-Type', 'text/xml; charset=utf-8')
      .set('Accept', 'text/xml')
      .append('SOAPAction', quoted(action));
  const parameter = action === '' ? '' : `; action=${quoted(action)}`;
  return own
    .set('Content-Type', `application/soap+xml; charset=utf-8${parameter}`)
    .set('Accept', 'application/soap+xml');
}

/** As a quoted string (RFC 9110 §5.6.4). */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
