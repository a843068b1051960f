import type { Exchange } from '../../core/exchange.ts';

/** Which origins a request may come from. */
export interface OriginPlan {
  /** `*`: any; a `*` in front of the first dot of a host: any labels. */
  readonly origins: readonly string[];
  /** Whether the route is for certain hosts only, so that `Host` proves something. */
  readonly hasHosts: boolean;
}

/**
 * Whether the page that sends this request may (DNS rebinding: MCP, Transports, Security). Programs say no origin and may.
 *
 * The origin of the endpoint itself counts only where the route names its hosts: a page whose name was made to lead here has
 * the same `Origin` as `Host`. A page of this machine may talk to this machine.
 */
export function originAllowed({ origins, hasHosts }: OriginPlan): (exchange: Exchange) => boolean {
  const fits = origins.map(originTest);
  return ({ headers, host, authority, arrival }) => {
    const origin = headers.get('origin')?.toLowerCase();
    if (origin === undefined || fits.some((test) => test(origin))) return true;
    if (hasHosts && origin === `${arrival.scheme}://${authority.toLowerCase()}`) return true;
    return isLoopback(host) && isLoopback(hostOf(origin));
  };
}

function originTest(written: string): (origin: string) => boolean {
  if (written === '*') return () => true;
  const star = written.indexOf('*');
  if (star === -1) return (origin) => origin === written;
  const [start, end] = [written.slice(0, star), written.slice(star + 1)];
  return (origin) => {
    if (!origin.startsWith(start) || !origin.endsWith(end)) return false;
    const labels = origin.slice(start.length, origin.length - end.length);
    return labels !== '' && origin.length >= start.length + end.length && !/[:/]/.test(labels);
  };
}

function hostOf(origin: string): string {
  const [, host = ''] = /^https?:\/\/(\[[0-9a-f:.]+\]|[^:/]+)(?::\d+)?$/.exec(origin) ?? [];
  return host;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
