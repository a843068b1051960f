import { EJECTION_REASONS } from '../core/endpoint-health.ts';
import { GRPC_CODES } from '../core/grpc-status.ts';
import { BREAKER_STATES } from '../core/breaker-state.ts';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { HANDSHAKE_RESULTS } from '../core/handshake.ts';
import { HTTP2_ABUSES } from '../core/http2-abuse.ts';
import { PRIORITIES } from '../core/priority.ts';
import { STREAM_ENDS } from '../core/stream-end.ts';
import { CACHE_RESULTS, type HedgeOutcome, type RetryObstacle } from '../core/exchange.ts';
import { OTLP_OUTCOMES } from '../core/otlp-batch.ts';

/** A label that takes any text; the values must come from the configuration, never from a client. */
export const TEXT = 'text';

/** The values of a label: any text, or one of a closed list. A metric has at most one closed list, and it comes last. */
export type LabelKind = typeof TEXT | readonly string[];

/** What a metric is. */
export interface MetricKind {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelKind>>;
  /** Threads are shown apart, with a `thread` label, instead of added up. */
  readonly perThread?: true;
  /** Values of the closed list that were never counted are left out, where they would be most of the series. */
  readonly sparse?: true;
}

/** Class of a status code, to bound the number of series; `none` when the client left before any answer. */
export const STATUS_CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** How an attempt ended: answered; failed for good; failed and another followed; or the client left meanwhile. */
export const ATTEMPT_OUTCOMES = ['answered', 'failed', 'retried', 'abandoned'] as const;

/** Why an attempt was made again: what became of the one before it; unsent: it found no connection; grpc: a status of gRPC that its route repeats; stale: an idle one had died. */
export const RETRY_CAUSES = [
  'unsent',
  'stale',
  'reset',
  'timeout',
  '429',
  '500',
  '502',
  '503',
  '504',
  'grpc',
] as const;

/** Why another attempt was wanted and not made. */
export const RETRY_OBSTACLES = [
  'attempts',
  'method',
  'body',
  'layer',
  'pause',
  'deadline',
  'budget',
] as const satisfies readonly RetryObstacle[];

/** What came of a second attempt beside the first. */
export const HEDGE_OUTCOMES = ['won', 'lost', 'failed', 'refused'] as const satisfies readonly HedgeOutcome[];

/** How the call of a tool ended. */
export const TOOL_OUTCOMES = ['ok', 'error', 'refused'] as const;

/** What a policy made of a request; reported: it would have been denied, but the policy only reports. */
export const DECISIONS = ['allowed', 'denied', 'reported', 'failed'] as const;

/** How an alert does; pending: it fires if it stays so. */
export const ALERT_STATES = ['quiet', 'pending', 'firing', 'silenced'] as const;

/** Where endpoints stand; half-open: it was ejected, and one request is to show whether it is back. */
export const ENDPOINT_CONDITIONS = ['up', 'penalised', 'half-open', 'ejected', 'down'] as const;

const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** Every metric that there is. The exposition, the reference page and the types of the handles come from here. */
export const CATALOGUE = {
  turnpike_requests_total: {
    type: 'counter',
    help: 'Requests that were answered or given up, by class of the status code.',
    labels: { route: TEXT, service: TEXT, code: STATUS_CLASSES },
    sparse: true,
  },
  turnpike_grpc_calls_total: {
    type: 'counter',
    help: 'gRPC calls that the service answered, by how they ended.',
    labels: { route: TEXT, service: TEXT, code: GRPC_CODES },
    sparse: true,
  },
  turnpike_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the head of a request to the last byte of its answer.',
    labels: { route: TEXT },
  },
  turnpike_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that are being served.',
    labels: { route: TEXT, service: TEXT },
  },
  turnpike_request_bytes_total: {
    type: 'counter',
    help: 'Bytes of request bodies, without framing.',
    labels: { route: TEXT },
  },
  turnpike_response_bytes_total: {
    type: 'counter',
    help: 'Bytes of response bodies, without framing.',
    labels: { route: TEXT },
  },
  turnpike_websockets: {
    type: 'gauge',
    help: 'Open WebSockets.',
    labels: { route: TEXT },
  },
  turnpike_websocket_messages_total: {
    type: 'counter',
    help: 'Messages in WebSockets, by who sent them.',
    labels: { route: TEXT, from: ['client', 'service'] },
  },
  turnpike_websocket_closes_total: {
    type: 'counter',
    help: 'WebSockets that ended, by who or what ended them.',
    labels: { route: TEXT, reason: STREAM_ENDS },
    sparse: true,
  },
  turnpike_upstream_attempts_total: {
    type: 'counter',
    help: 'Tries at endpoints of a service, by how they ended.',
    labels: { service: TEXT, outcome: ATTEMPT_OUTCOMES },
  },
  turnpike_upstream_retries_total: {
    type: 'counter',
    help: 'Attempts that were made again, by what became of the one before.',
    labels: { service: TEXT, cause: RETRY_CAUSES },
    sparse: true,
  },
  turnpike_upstream_retries_refused_total: {
    type: 'counter',
    help: 'Requests that failed and were not tried again although their route wants it, by what spoke against it.',
    labels: { service: TEXT, reason: RETRY_OBSTACLES },
    sparse: true,
  },
  turnpike_upstream_hedges_total: {
    type: 'counter',
    help: 'Requests that took so long that a second attempt was due, by which of the two gave the answer.',
    labels: { service: TEXT, outcome: HEDGE_OUTCOMES },
    sparse: true,
  },
  turnpike_upstream_duration_seconds: {
    type: 'histogram',
    help: 'Time from the start of the last attempt to the head of its response.',
    labels: { service: TEXT },
  },
  turnpike_added_latency_seconds: {
    type: 'histogram',
    help: 'Time until the answer of a service began, without that of the last attempt: what Turnpike adds, with pauses, waiting and attempts that failed.',
    labels: { service: TEXT },
  },
  turnpike_upstream_request_size_bytes: {
    type: 'histogram',
    help: 'Sizes of request bodies that went to a service, without framing.',
    labels: { service: TEXT },
  },
  turnpike_upstream_response_size_bytes: {
    type: 'histogram',
    help: 'Sizes of response bodies that came from a service, without framing.',
    labels: { service: TEXT },
  },
  turnpike_upstream_connections: {
    type: 'gauge',
    help: 'Open connections to the endpoints of a service.',
    labels: { service: TEXT, state: ['active', 'idle'] },
  },
  turnpike_upstream_waiting: {
    type: 'gauge',
    help: 'Requests that wait for a connection to an endpoint of a service.',
    labels: { service: TEXT },
  },
  turnpike_service_in_flight: {
    type: 'gauge',
    help: 'Requests that a service works on, where it has a limit.',
    labels: { service: TEXT },
  },
  turnpike_service_limit: {
    type: 'gauge',
    help: 'How many requests a service may work on at once, as it is written or was found out.',
    labels: { service: TEXT },
  },
  turnpike_service_waiting: {
    type: 'gauge',
    help: 'Requests that wait until a service may work on them.',
    labels: { service: TEXT },
  },
  turnpike_service_limit_ratio: {
    type: 'gauge',
    help: 'Part of the limit of a service that is in use: 1 is all of it.',
    labels: { service: TEXT },
  },
  turnpike_requests_shed_total: {
    type: 'counter',
    help: 'Requests that were sent away because there was too much to do: for their service, or for us (lag, memory).',
    labels: { service: TEXT, reason: TEXT, priority: PRIORITIES },
    sparse: true,
  },
  turnpike_service_endpoints: {
    type: 'gauge',
    help: 'Endpoints of a service, by where they stand.',
    labels: { service: TEXT, state: ENDPOINT_CONDITIONS },
  },
  turnpike_service_panic: {
    type: 'gauge',
    help: '1 while less of the weight of a service is healthy than its panic threshold, and health is ignored.',
    labels: { service: TEXT },
  },
  turnpike_panic_picks_total: {
    type: 'counter',
    help: 'Endpoints that were picked although they are down, because too few of their service are healthy.',
    labels: { service: TEXT },
    sparse: true,
  },
  turnpike_endpoint_up: {
    type: 'gauge',
    help: '1 while an endpoint is used, 0 while health speaks against it. Of the first thousand endpoints.',
    labels: { service: TEXT, endpoint: TEXT },
  },
  turnpike_endpoint_ejections_total: {
    type: 'counter',
    help: 'How often endpoints of a service were ejected because real requests failed.',
    labels: { service: TEXT, reason: EJECTION_REASONS },
    sparse: true,
  },
  turnpike_health_checks_total: {
    type: 'counter',
    help: 'Active checks of the endpoints of a service.',
    labels: { service: TEXT, result: ['success', 'failure'] },
  },
  turnpike_discovery_up: {
    type: 'gauge',
    help: '1 while the registry of a service answers, 0 while what was believed last stays in use.',
    labels: { service: TEXT },
  },
  turnpike_discovery_age_seconds: {
    type: 'gauge',
    help: 'How long ago the registry of a service last confirmed its endpoints.',
    labels: { service: TEXT },
  },
  turnpike_provider_keys: {
    type: 'gauge',
    help: 'Keys that are known of an identity provider.',
    labels: { provider: TEXT },
  },
  turnpike_provider_keys_age_seconds: {
    type: 'gauge',
    help: 'How long ago the keys of an identity provider were last learned.',
    labels: { provider: TEXT },
  },
  turnpike_provider_state: {
    type: 'gauge',
    help: 'How an identity provider does: 1 for the state that it is in. Degraded: the last attempt to learn its keys failed.',
    labels: { provider: TEXT, state: ['ready', 'degraded', 'unknown'] },
  },
  turnpike_address_list_age_seconds: {
    type: 'gauge',
    help: 'How long ago an address list was last learned.',
    labels: { list: TEXT },
  },
  turnpike_breaker_state: {
    type: 'gauge',
    help: 'State of the circuit breaker of a service: 1 for the one that it is in.',
    labels: { service: TEXT, state: BREAKER_STATES },
  },
  turnpike_breaker_changes_total: {
    type: 'counter',
    help: 'Changes of the circuit breaker of a service, by the state that it came to.',
    labels: { service: TEXT, state: BREAKER_STATES },
  },
  turnpike_breaker_refused_total: {
    type: 'counter',
    help: 'Requests that were refused because the circuit breaker of their service was open.',
    labels: { service: TEXT },
  },
  turnpike_errors_total: {
    type: 'counter',
    help: 'Requests that Turnpike itself answered with an error, by its code.',
    labels: { code: ERROR_CODES },
  },
  turnpike_policy_decisions_total: {
    type: 'counter',
    help: 'What the policies of a route decided, and why.',
    labels: { route: TEXT, policy: TEXT, reason: TEXT, decision: DECISIONS },
    sparse: true,
  },
  turnpike_mcp_calls_total: {
    type: 'counter',
    help: 'Calls of MCP tools, by how they ended: with a result, with one that says what went wrong, or refused. A tool that nobody has heard of is `""`, and `*` are those beyond 3000 series.',
    labels: { route: TEXT, tool: TEXT, outcome: TOOL_OUTCOMES },
    sparse: true,
  },
  turnpike_graphql_operations_total: {
    type: 'counter',
    help: 'GraphQL operations by name. Of names that clients choose only some have series of their own.',
    labels: { route: TEXT, operation: TEXT, type: ['query', 'mutation', 'subscription'] },
    sparse: true,
  },
  turnpike_soap_calls_total: {
    type: 'counter',
    help: 'Calls of SOAP that a service has answered, by how: with what was asked for, or with a fault of the client or its own.',
    labels: { route: TEXT, outcome: ['answer', 'client-fault', 'server-fault'] },
    sparse: true,
  },
  turnpike_cache_requests_total: {
    type: 'counter',
    help: 'Requests on routes with a cache, by what it did: gave what it had, fresh or stale; asked whether that is the same; asked for it; waited for what another one asked for; or passed it on.',
    labels: { route: TEXT, result: CACHE_RESULTS },
  },
  turnpike_cache_bytes_served_total: {
    type: 'counter',
    help: 'Bytes of bodies that came from memory, without framing.',
    labels: { route: TEXT },
  },
  turnpike_cache_memory_bytes: {
    type: 'gauge',
    help: 'How much a memory of the cache can hold, and how much of it is used. `*` is that of all routes without one of their own.',
    labels: { memory: TEXT, kind: ['capacity', 'used'] },
  },
  turnpike_cache_memory_entries: {
    type: 'gauge',
    help: 'What is stored in a memory of the cache.',
    labels: { memory: TEXT },
  },
  turnpike_cache_memory_insertions_total: {
    type: 'counter',
    help: 'What was stored in a memory of the cache for the first time.',
    labels: { memory: TEXT },
  },
  turnpike_cache_memory_evictions_total: {
    type: 'counter',
    help: 'What had to leave a memory of the cache to make room.',
    labels: { memory: TEXT },
  },
  turnpike_cache_memory_rejections_total: {
    type: 'counter',
    help: 'What a memory of the cache did not take: it was too large, or came for the first time and is a large part of it.',
    labels: { memory: TEXT },
  },
  turnpike_cache_memory_purges_total: {
    type: 'counter',
    help: 'Purges of a memory of the cache, by the admin API and by requests that change something.',
    labels: { memory: TEXT },
  },
  turnpike_cache_restored_total: {
    type: 'counter',
    help: 'Responses in the file of the cache at the start: brought back, too old to be of use, or left out because the route has other rules or there was no room.',
    labels: { result: ['restored', 'outdated', 'left-out'] },
    sparse: true,
  },
  turnpike_cache_saves_total: {
    type: 'counter',
    help: 'How often the cache was written to its file.',
    labels: { result: ['saved', 'failed'] },
    sparse: true,
  },
  turnpike_connections: {
    type: 'gauge',
    help: 'Open connections from clients; idle ones wait for a request.',
    labels: { listener: TEXT, state: ['active', 'idle'] },
  },
  turnpike_tls_handshakes_total: {
    type: 'counter',
    help: 'TLS handshakes with clients, by how they ended: with a new or a resumed session, or why without any.',
    labels: { listener: TEXT, result: HANDSHAKE_RESULTS },
    sparse: true,
  },
  turnpike_shared_cache_total: {
    type: 'counter',
    help: 'Looks into the cache that gateways share, by what they came to, and responses that were stored there, or left out.',
    labels: { result: ['found', 'missing', 'unavailable', 'stored', 'dropped'] },
    sparse: true,
  },
  turnpike_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When our certificates end, in seconds since 1970, by where they are configured and their first name; 0: one that was not fetched yet.',
    labels: { owner: TEXT, name: TEXT },
  },
  turnpike_acme_orders_total: {
    type: 'counter',
    help: 'Orders of certificates by ACME, by their first name and how they ended.',
    labels: { certificate: TEXT, result: ['success', 'failure'] },
  },
  turnpike_http2_abuse_total: {
    type: 'counter',
    help: 'Connections with HTTP/2 (for `stalled`: streams) that were ended because their client did too much of something.',
    labels: { listener: TEXT, kind: HTTP2_ABUSES },
    sparse: true,
  },
  turnpike_connections_refused_total: {
    type: 'counter',
    help: 'Connections from clients that were turned away because there were too many, of all or of one address.',
    labels: { listener: TEXT },
    sparse: true,
  },
  turnpike_connections_accepted_total: {
    type: 'counter',
    help: 'Connections that were accepted from clients.',
    labels: { listener: TEXT },
  },
  turnpike_connections_closed_total: {
    type: 'counter',
    help: 'Connections from clients that were closed, by either side.',
    labels: { listener: TEXT },
  },
  turnpike_access_log_dropped_total: {
    type: 'counter',
    help: 'Lines of the access log that were lost because its destination was too slow or failed.',
    labels: {},
  },
  turnpike_telemetry_items_total: {
    type: 'counter',
    help: 'Spans, log records and metrics on their way to a collector, by what became of them; full: there was no room for more.',
    labels: { signal: TEXT, outcome: OTLP_OUTCOMES },
  },
  turnpike_alerts: {
    type: 'gauge',
    help: 'How alerts do: 1 for the state that each is in. Silenced: it fires, and nobody wants to be told.',
    labels: { alert: TEXT, state: ALERT_STATES },
  },
  turnpike_admin_requests_total: {
    type: 'counter',
    help: 'Requests to the admin API, by what they are for and the class of the answer.',
    labels: { operation: TEXT, code: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
  },
  turnpike_admin_sign_in_failures_total: {
    type: 'counter',
    help: 'Wrong credentials that came to the admin API, of tokens and logins.',
    labels: {},
  },
  turnpike_admin_locked_addresses: {
    type: 'gauge',
    help: 'Addresses that the admin API does not listen to, because too many wrong credentials came from there.',
    labels: {},
  },
  turnpike_control_revision: {
    type: 'gauge',
    help: 'Revision of the database that this gateway serves, and the newest that it has heard of. A roll-out keeps the two apart on purpose.',
    labels: { kind: ['served', 'newest'] },
  },
  turnpike_control_revision_age_seconds: {
    type: 'gauge',
    help: 'How long ago this gateway took the revision over that it serves.',
    labels: {},
  },
  turnpike_control_publish_delay_seconds: {
    type: 'gauge',
    help: 'From the commit of the revision that is served until all threads of this gateway served it.',
    labels: {},
  },
  turnpike_control_objects: {
    type: 'gauge',
    help: 'Objects of the database, by kind and by what became of them on this gateway.',
    labels: { kind: TEXT, state: ['active', 'quarantined', 'shadowed'] },
  },
  turnpike_control_database_up: {
    type: 'gauge',
    help: 'Whether the database has answered when it was asked last.',
    labels: {},
  },
  turnpike_control_database_age_seconds: {
    type: 'gauge',
    help: 'Since the database was heard the last time.',
    labels: {},
  },
  turnpike_control_members: {
    type: 'gauge',
    help: 'Gateways of the fleet as this one sees them: with the newest revision, with another, with trouble (quarantine, or a revision that was not taken), or silent for 15 seconds.',
    labels: { state: ['current', 'behind', 'troubled', 'silent'] },
  },
  turnpike_control_rollout: {
    type: 'gauge',
    help: 'Whether a roll-out is under way.',
    labels: { state: ['running', 'paused'] },
  },
  turnpike_alert_messages_total: {
    type: 'counter',
    help: 'Messages about alerts, by what became of them; dropped: nobody took them in time, or there were too many.',
    labels: { outcome: ['delivered', 'refused', 'dropped'] },
  },
  turnpike_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'How late timers of a thread ran during the last 30 to 60 seconds.',
    labels: { stat: ['max', 'mean'] },
    perThread: true,
  },
  turnpike_event_loop_busy_seconds_total: {
    type: 'counter',
    help: 'Time in which the event loop of a thread had something to do. A rate of 1 is a thread that can do no more.',
    labels: {},
    perThread: true,
  },
  turnpike_thread_strain: {
    type: 'gauge',
    help: 'How many priorities, from the lowest on, a thread sheds to protect itself: 0 is none, 4 all but the highest.',
    labels: { reason: ['lag', 'memory'] },
    perThread: true,
  },
  turnpike_memory_bytes: {
    type: 'gauge',
    help: 'Memory of a thread.',
    labels: { kind: ['heap_used', 'heap_total', 'external', 'array_buffers'] },
    perThread: true,
  },
  turnpike_config_revision: {
    type: 'gauge',
    help: 'Number of the configuration revision in use.',
    labels: {},
  },
  turnpike_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a configuration was last applied, in seconds since 1970.',
    labels: {},
  },
  turnpike_config_reloads_total: {
    type: 'counter',
    help: 'Attempts to apply a configuration.',
    labels: { result: ['success', 'failure'] },
  },
  turnpike_threads: {
    type: 'gauge',
    help: 'Data threads.',
    labels: { state: ['starting', 'ready', 'draining'] },
  },
  turnpike_thread_restarts_total: {
    type: 'counter',
    help: 'Data threads that died and were replaced.',
    labels: {},
  },
  process_cpu_seconds_total: {
    type: 'counter',
    help: 'Processor time of the process, user and system.',
    labels: {},
  },
  process_open_fds: {
    type: 'gauge',
    help: 'Open file descriptors, sockets among them.',
    labels: {},
  },
  process_max_fds: {
    type: 'gauge',
    help: 'File descriptors that the process may have open.',
    labels: {},
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory of the process.',
    labels: {},
  },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'When the process started, in seconds since 1970.',
    labels: {},
  },
  turnpike_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels tell what is running.',
    labels: { version: TEXT, node: TEXT },
  },
} as const satisfies Record<string, MetricKind>;

/** Name of a metric of the catalogue. */
export type MetricName = keyof typeof CATALOGUE;

/** Names of the metrics of one type. */
export type MetricNameOf<Type extends MetricKind['type']> = {
  [Name in MetricName]: (typeof CATALOGUE)[Name]['type'] extends Type ? Name : never;
}[MetricName];

type LabelsOf<Name extends MetricName> = (typeof CATALOGUE)[Name]['labels'];

/** The labels that a series of a metric must be given, with the values that they may have. */
export type LabelValues<Name extends MetricName> = {
  readonly [Label in keyof LabelsOf<Name>]: LabelsOf<Name>[Label] extends readonly (infer Value extends
    string)[]
    ? Value
    : string;
};
