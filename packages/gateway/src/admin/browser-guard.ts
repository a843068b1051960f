import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether `Host` names this machine, or the address that the admin API listens on.
 *
 * Against DNS rebinding: a page of `evil.example` whose name suddenly points to 127.0.0.1 is of the same origin as the
 * admin API for a browser, but its requests still say `Host: evil.example`.
 */
export function isOwnHost(host: string | undefined, listeningOn: string): boolean {
  const name = hostName(host);
  return name !== null && (LOCAL_NAMES.has(name) || name === listeningOn || name === `[${listeningOn}]`);
}

/**
 * Whether a page of another origin sent the request. Browsers always name the origin of a request that may change
 * something; programs that are no browsers do not.
 */
export function isForeignOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return false;
  const url = URL.parse(origin);
  return url === null || host === undefined || url.host !== host.toLowerCase();
}

function hostName(host: string | undefined): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^:@/?#\s]+)(?::\d+)?$/i.exec(host ?? '') ?? [];
  return name?.toLowerCase() ?? null;
}

const LOCAL_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
