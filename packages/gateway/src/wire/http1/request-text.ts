import { bodyLength, UNKNOWN_LENGTH } from '../../core/body.ts';
import type { Call } from '../../core/transport.ts';

/** Request line and fields of a call, with the empty line. */
export function requestText(call: Call): string {
  const { method, target, authority, fields, upgrade } = call;
  const switching = upgrade === '' ? '' : `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nHost: ${authority}\r\n${fields}${switching}${framingFields(call)}\r\n`;
}

/** How the body is framed. */
function framingFields({ body, method }: Call): string {
  const length = bodyLength(body);
  if (length === UNKNOWN_LENGTH) return 'Transfer-Encoding: chunked\r\n';
  if (length > 0) return `Content-Length: ${length}\r\n`;
  // Methods that anticipate a body say that there is none (RFC 9110 §8.6).
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? 'Content-Length: 0\r\n' : '';
}
