import type { OtlpSignal } from '../../core/otlp-batch.ts';
import type { Attributes } from './otlp-values.ts';

/** How one signal is exported. */
export interface OtlpSettings {
  /** Where it is posted to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  readonly timeoutMs: number;
  /** PEM text of those who vouch for the collector; null: those that Node.js knows. */
  readonly authorities: string | null;
  readonly resource: Attributes;
}

/** What the configuration says; null is what it leaves to the environment. */
export interface OtlpWishes {
  /** The base address. */
  readonly endpoint: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none' | null;
  readonly timeoutMs: number | null;
  readonly authorities: string | null;
  readonly resource: Readonly<Record<string, string>>;
}

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is true of this process whatever anybody says. */
export interface ProcessFacts {
  readonly version: string;
  readonly hostName: string;
  readonly instanceId: string;
  readonly processId: number;
}

/**
 * Where and how a signal is exported: what the configuration says, then what the `OTEL_…` variables say, those of the signal
 * before those of all, then what is usual. Null: there is no address, or `OTEL_SDK_DISABLED` is set.
 */
export function otlpSettings(
  signal: OtlpSignal,
  wishes: OtlpWishes,
  environment: Environment,
): Omit<OtlpSettings, 'resource'> | null {
  const own = (name: string): string =>
    given(environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`]);
  const shared = (name: string): string => own(name) || given(environment[`OTEL_EXPORTER_OTLP_${name}`]);
  if (/^true$/i.test(given(environment['OTEL_SDK_DISABLED']))) return null;
  const url = addressOf(signal, wishes.endpoint ?? '', own('ENDPOINT'), shared('ENDPOINT'));
  if (url === null) return null;
  const timeoutMs = Number(shared('TIMEOUT'));
  return {
    url,
    headers: { ...readPairs(shared('HEADERS'), lowerCase), ...wishes.headers },
    compression: wishes.compression ?? (shared('COMPRESSION') === 'none' ? 'none' : 'gzip'),
    timeoutMs: wishes.timeoutMs ?? (timeoutMs > 0 ? timeoutMs : TIMEOUT_MS),
    authorities: wishes.authorities,
  };
}

/** Who we are, as attributes of the resource: configuration first, then `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`. */
export function otlpResource(
  written: OtlpWishes['resource'],
  environment: Environment,
  facts: ProcessFacts,
): Attributes {
  const name = given(environment['OTEL_SERVICE_NAME']);
  const attributes: Record<string, string | number> = {
    'service.name': 'turnpike',
    'service.version': facts.version,
    'service.instance.id': facts.instanceId,
    'host.name': facts.hostName,
    'process.pid': facts.processId,
    'telemetry.sdk.name': 'turnpike',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': facts.version,
    ...readPairs(given(environment['OTEL_RESOURCE_ATTRIBUTES']), asItIs),
    ...(name !== '' && { 'service.name': name }),
    ...written,
  };
  return Object.entries(attributes);
}

/**
 * The address of the configuration and that of all signals are bases, to which the path of the signal is added; that of the
 * signal alone is taken as it is. A base may have that path already.
 */
function addressOf(signal: OtlpSignal, written: string, own: string, shared: string): string | null {
  const isWhole = written === '' && own !== '';
  const url = URL.parse(written || shared);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const path = `/v1/${signal}`;
  if (!isWhole && !url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/$/, '') + path;
  return url.href;
}

/** `name=value,name=value`, percent-encoded as in `baggage`. What cannot be read is left out. */
function readPairs(text: string, nameOf: (name: string) => string): Record<string, string> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const [name = '', ...rest] = pair.split('=');
    return [nameOf(decoded(name)), rest.length === 0 ? '' : decoded(rest.join('='))];
  });
  return Object.fromEntries(pairs.filter(([name, value]) => name !== '' && value !== ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return ''; // half an escape: nobody knows what was meant
  }
}

function given(value: string | undefined): string {
  return value?.trim() ?? '';
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}

function asItIs(name: string): string {
  return name;
}

const TIMEOUT_MS = 10_000;
