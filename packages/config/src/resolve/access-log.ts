import type { AccessLogConfig, LogDestination } from '../resolved/access-log.ts';
import type { RouteConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type WrittenLogs = ResolvedDocument['telemetry']['accessLog'];
type WrittenLog = Extract<WrittenLogs, { readonly format: unknown }>;

/** The access logs. Routes say where credentials are, which no log may show. */
export function resolveAccessLogs(
  written: WrittenLogs,
  routes: readonly RouteConfig[],
  context: Context,
): readonly AccessLogConfig[] {
  const secret = [...ALWAYS_REDACTED, ...credentialNames(routes)];
  return severalLogs(written).map((log) => resolveAccessLog(log, secret, context));
}

/** One log or several, as several; none for `off`. */
export function severalLogs(written: WrittenLogs): readonly WrittenLog[] {
  if (written === 'off') return [];
  return 'format' in written ? [written] : written;
}

function resolveAccessLog(written: WrittenLog, secret: readonly string[], context: Context): AccessLogConfig {
  const { format, to, otlp, rotate, fields, sample, slow, redact } = written;
  const names = [...secret, ...redact].map((name) => name.toLowerCase());
  return {
    format,
    to: logDestination(to, otlp, context),
    rotate:
      rotate === null
        ? null
        : { sizeBytes: rotate.size, everyMs: rotate.every, keep: rotate.keep, gzip: rotate.gzip },
    fields: [...fields].map(([name, source]) => ({ name, source })),
    sampleRate: sample,
    slowMs: slow,
    redact: [...new Set(names)],
  };
}

function logDestination(to: string, otlp: string, context: Context): LogDestination {
  if (to === 'stdout' || to === 'stderr') return { kind: to };
  if (to === 'otlp') return { kind: to, endpoint: otlp === '' ? null : otlp };
  return { kind: 'file', path: context.absolute(['telemetry', 'accessLog'], to) };
}

function credentialNames(routes: readonly RouteConfig[]): string[] {
  return routes.flatMap(({ policies }) => policies.authenticate?.apiKeyFrom.map(({ name }) => name) ?? []);
}

/** What carries credentials by its nature, or by the names that most programs give it. A list in the configuration adds to it. */
const ALWAYS_REDACTED: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'cookie',
  'set-cookie',
  'dpop',
  'client-cert',
  'client-cert-chain',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-xsrf-token',
  'x-amz-security-token',
  'x-identity-token',
  'access_token',
  'refresh_token',
  'id_token',
  'id_token_hint',
  'logout_token',
  'token',
  'api_key',
  'apikey',
  'key',
  'secret',
  'client_secret',
  'client_assertion',
  'password',
  'passwd',
  'code',
  'code_verifier',
  'state',
  'nonce',
  'assertion',
  'samlresponse',
  'signature',
  'sig',
  'x-amz-signature',
  'x-amz-credential',
  'x-goog-signature',
];
