/** The parts of the program whose log may have a level of its own, and what each of them tells of. */
export const LOG_COMPONENTS = {
  requests: 'requests that failed, connections, contracts and translations',
  plugins: 'what plugins log',
  identity: 'identity providers, tokens, sessions and lists of addresses',
  limits: 'counters that are shared over Redis',
  cache: 'caches that are shared over Redis',
  discovery: 'endpoints and descriptors that are looked up',
  health: 'checks of endpoints, and breakers',
  certificates: 'certificates that are ordered, and secrets of TLS',
  config: 'files that are read, watched and kept',
  threads: 'data threads that start and end',
  admin: 'the admin API, the database and the fleet',
  telemetry: 'access logs, traces and metrics that cannot be delivered',
  alerts: 'alerts and their messages',
} as const;

/** A part of the program that logs. */
export type LogComponent = keyof typeof LOG_COMPONENTS;
