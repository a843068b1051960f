import { STATUS_CODES } from 'node:http';

const LINES: readonly string[] = Array.from({ length: 600 }, (_, status) => {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Status'}\r\n`;
});

/** Status line for a status from 100 to 599; reason phrases are ours, whatever a service sent. */
export function statusLine(status: number): string {
  return LINES[status] ?? 'HTTP/1.1 500 Internal Server Error\r\n';
}

/** Whether a response with this status to this method has no body, whatever its fields say (RFC 9112 §6.3). */
export function isBodiless(status: number, method: string): boolean {
  return method === 'HEAD' || status < 200 || status === 204 || status === 304;
}
