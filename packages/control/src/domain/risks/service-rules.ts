import type { ServiceConfig } from '@turnpike/config';
import { isSame, lacksSome, type PairRule } from './rule.ts';

const MUCH = 3;

/** What requests are sent to. */
export const SERVICE_RULES: readonly PairRule<ServiceConfig>[] = [
  {
    code: 'ENDPOINTS_REPLACED',
    level: 'high',
    says: ['goes to entirely different endpoints', 'go to entirely different endpoints'],
    holds: ({ before, after }) => {
      if (!isSame(before.discovery, after.discovery)) return true;
      const kept = new Set(urlsOf(before));
      return kept.size > 0 && urlsOf(after).every((url) => !kept.has(url));
    },
  },
  {
    code: 'ENDPOINTS_REMOVED',
    level: 'medium',
    says: ['loses endpoints', 'lose endpoints'],
    holds: ({ before, after }) => {
      const [was, is] = [urlsOf(before), urlsOf(after)];
      return lacksSome(is, was) && was.some((url) => is.includes(url));
    },
  },
  {
    code: 'NO_ENDPOINT_TAKES_REQUESTS',
    level: 'high',
    says: ['has only endpoints that are drained', 'have only endpoints that are drained'],
    holds: ({ after: { endpoints } }) =>
      endpoints.length > 0 && endpoints.every(({ weight }) => weight === 0),
  },
  {
    code: 'TLS_REMOVED',
    level: 'high',
    says: ['is spoken to without TLS', 'are spoken to without TLS'],
    holds: ({ before, after }) =>
      before.endpoints.some(isSecure) &&
      after.endpoints.some((one) => !isSecure(one)) &&
      (before.endpoints.every(isSecure) || after.endpoints.every((one) => !isSecure(one))),
  },
  {
    code: 'TLS_WEAKENED',
    level: 'high',
    says: ['is verified by others, or less', 'are verified by others, or less'],
    holds: ({ before: { tls: was }, after: { tls: is } }) =>
      was !== null &&
      (is === null
        ? was.authorities !== null || was.pins.length > 0 || was.serverName !== null
        : !isSame(was.authorities?.path, is.authorities?.path) ||
          was.serverName !== is.serverName ||
          (was.pins.length > 0 && (is.pins.length === 0 || lacksSome(was.pins, is.pins)))),
  },
  {
    code: 'CLIENT_CERTIFICATE_CHANGED',
    level: 'medium',
    says: ['is shown another certificate of ours, or none', 'are shown another certificate of ours, or none'],
    holds: ({ before: { tls: was }, after: { tls: is } }) =>
      (was?.keyPair ?? null) !== null && !isSame(was?.keyPair?.keyFile, is?.keyPair?.keyFile),
  },
  {
    code: 'SERVICE_TIMEOUT_MULTIPLIED',
    level: 'medium',
    says: ['may take several times as long', 'may take several times as long'],
    holds: ({ before: { timeouts: was }, after: { timeouts: is } }) =>
      is.requestMs >= MUCH * was.requestMs || is.connectMs >= MUCH * was.connectMs,
  },
  {
    code: 'SERVICE_TIMEOUT_SHORTENED',
    level: 'medium',
    says: ['may take only a fraction of the time', 'may take only a fraction of the time'],
    holds: ({ before: { timeouts: was }, after: { timeouts: is } }) =>
      was.requestMs >= MUCH * is.requestMs || was.connectMs >= MUCH * is.connectMs,
  },
  {
    code: 'SERVICE_UNGUARDED',
    level: 'medium',
    says: ['loses checks that notice its failures', 'lose checks that notice their failures'],
    holds: ({ before, after }) =>
      (before.health !== null && after.health === null) ||
      (before.outlierDetection !== null && after.outlierDetection === null) ||
      (before.circuitBreaker !== null && after.circuitBreaker === null),
  },
  {
    code: 'SERVICE_CONCURRENCY_RAISED',
    level: 'low',
    says: ['is given more to do at once', 'are given more to do at once'],
    holds: ({ before: { concurrency: was }, after: { concurrency: is } }) =>
      was.kind !== 'off' &&
      (is.kind === 'off' || (was.kind === 'fixed' && is.kind === 'fixed' && is.limit >= MUCH * was.limit)),
  },
];

function urlsOf({ endpoints }: ServiceConfig): string[] {
  return endpoints.filter(({ weight }) => weight > 0).map(({ url }) => url);
}

function isSecure({ protocol }: ServiceConfig['endpoints'][number]): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}
