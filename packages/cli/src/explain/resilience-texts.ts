import type {
  CircuitBreakerConfig,
  FallbackConfig,
  FaultConfig,
  MirrorConfig,
  SplitConfig,
} from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

/** `the service catalogue answers when it does not`. */
export function fallbackText(config: FallbackConfig): string {
  const who =
    config.kind === 'service' ? `the service ${config.service} answers` : `answers ${config.status} itself`;
  return `${who} when the service of the route does not${reporting(config.mode)}`;
}

/** `copies 10% of the requests to search`. */
export function mirrorText({ mode, service, percent, bodyBytes }: MirrorConfig): string {
  return `copies ${percent}% of the requests with bodies up to ${bytesText(bodyBytes)} to the service ${service}${reporting(mode)}`;
}

/** `makes 1% of the requests wait for 200ms, and answers 0.1% with 503`. */
export function faultText({ mode, delay, abort }: FaultConfig): string {
  const parts = [
    delay === null
      ? ''
      : `makes ${delay.percent}% of the requests wait for ${durationText(delay.durationMs)}`,
    abort === null ? '' : `answers ${abort.percent}% with ${abort.status}`,
  ];
  return joined(parts, ', and ') + reporting(mode);
}

/** `not asked for 5s, later 1m at most, when 50% of 20 requests or more in 10s fail`; `''` without a breaker. */
export function breakerText(config: CircuitBreakerConfig | null): string {
  if (config === null) return '';
  const { failureRate, minimumRequests, windowMs, openForMs, maxOpenMs } = config;
  const failing = `${failureRate}% of ${minimumRequests} requests or more in ${durationText(windowMs)}`;
  return `not asked for ${durationText(openForMs)}, later ${durationText(maxOpenMs)} at most, when ${failing} fail`;
}

/** `among the services a (90) and b (10), kept there by the cookie side`. */
export function splitText({ sides, sticky, override }: SplitConfig): string {
  const names = sides.map(({ service, weight }) => `${service} (${weight})`).join(' and ');
  const parts = [
    `among the services ${names}`,
    sticky === null ? '' : `callers stay by the cookie ${sticky.cookie}`,
    override === null ? '' : `trusted proxies choose in ${override}`,
  ];
  return joined(parts, ', ');
}
