import type { Exchange } from '../../core/exchange.ts';

/** An `Accept` field of a browser has about 150 characters. */
const MAX_ACCEPT_LENGTH = 1024;

/**
 * Whether a browser wants to show what it asked for, so that a login page helps. A script, a form or a program would only
 * stumble over one: it gets a plain 401.
 *
 * Browsers tell by Fetch Metadata (`Sec-Fetch-Mode`, `Sec-Fetch-Dest`), which no script can set; a frame is not a page of
 * its own, and providers refuse to be framed. Those that do not send it prefer HTML, as no script does by itself.
 */
export function isNavigation({ method, headers }: Pick<Exchange, 'method' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (headers.has('authorization')) return false;
  if (headers.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest') return false;
  const mode = headers.get('sec-fetch-mode');
  if (mode === undefined) return prefersHtml(headers.getList('accept') ?? '');
  return mode === 'navigate' && (headers.get('sec-fetch-dest') ?? 'document') === 'document';
}

/** Whether HTML is named and nothing is wanted more (RFC 9110 §12.5.1). */
function prefersHtml(accept: string): boolean {
  if (accept.length > MAX_ACCEPT_LENGTH) return false;
  let html = 0;
  let others = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = weightOf(parameters);
    if (type === 'text/html' || type === 'application/xhtml+xml') html = Math.max(html, weight);
    else others = Math.max(others, weight);
  }
  return html > 0 && html >= others;
}

/** RFC 9110 §12.4.2; what is malformed wants nothing. */
function weightOf(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  if (q === undefined) return 1;
  const weight = Number(q.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
