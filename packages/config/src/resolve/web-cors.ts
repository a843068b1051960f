import type { PoliciesConfig, TranslateConfig } from '../resolved.ts';

/** What clients of gRPC-Web and Connect send beside what every script may (their specifications, "CORS"). */
const SENT = [
  'content-type',
  'connect-protocol-version',
  'connect-timeout-ms',
  'grpc-timeout',
  'x-grpc-web',
  'x-user-agent',
];
/** What a client of gRPC-Web has to read of a reply that has no messages. */
const READ = ['grpc-status', 'grpc-message', 'grpc-status-details-bin'];

/**
 * Where browsers call a gRPC service, scripts may send and read the fields without which none of their calls works; no operator
 * has to know them by heart. Whose scripts may is still what the route says.
 */
export function openedToWebClients(
  policies: PoliciesConfig,
  translate: TranslateConfig | null,
): PoliciesConfig {
  const { cors } = policies;
  if (translate?.kind !== 'grpc-web' || cors === null) return policies;
  const headers = withNames(cors.headers, SENT);
  return { ...policies, cors: { ...cors, headers, exposeHeaders: withNames(cors.exposeHeaders, READ) } };
}

function withNames(names: readonly string[], more: readonly string[]): readonly string[] {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return known.has('*') ? names : [...names, ...more.filter((name) => !known.has(name))];
}
