import type { TelemetryConfig } from '@turnpike/config';
import type { OtlpSignal } from '../core/otlp-batch.ts';
import { otlpSettings, type Environment, type OtlpWishes } from '../observe/otlp/otlp-settings.ts';
import { pemText, type PemTexts } from './pem-texts.ts';

/** Of each signal the address that is written; null: the signal is off. */
export function endpointsOf({
  traces,
  accessLog,
  metrics,
}: TelemetryConfig): [OtlpSignal, Pick<OtlpWishes, 'endpoint'> | null][] {
  const logs = accessLog.map(({ to }) => to).find(({ kind }) => kind === 'otlp');
  return [
    ['traces', traces],
    ['metrics', metrics],
    ['logs', logs?.kind === 'otlp' ? logs : null],
  ];
}

/** What is written for all signals. */
export function sharedWishes({ otlp }: TelemetryConfig, pems: PemTexts): Omit<OtlpWishes, 'endpoint'> {
  const { headers, timeoutMs, compression, authorities, resource } = otlp;
  return {
    headers: Object.fromEntries(headers.map(({ name, secret }) => [name, secret])),
    timeoutMs,
    compression,
    authorities: authorities === null ? null : pemText(pems, authorities.path),
    resource: Object.fromEntries(resource.map(({ name, value }) => [name, value])),
  };
}

/** Whether a signal has a collector. */
export function isExported(
  signal: OtlpSignal,
  telemetry: TelemetryConfig,
  environment: Environment,
): boolean {
  const found = endpointsOf(telemetry).find(([name]) => name === signal)?.[1] ?? null;
  if (found === null) return false;
  const wishes = sharedWishes({ ...telemetry, otlp: { ...telemetry.otlp, authorities: null } }, new Map());
  return otlpSettings(signal, { ...wishes, ...found }, environment) !== null;
}
