import type { ExchangeRecord } from '../core/exchange.ts';
import { flattened } from '../core/latin1.ts';

/** What a part of a line says of where a request went, and why there. */
type Target = Pick<ExchangeRecord, 'route' | 'service' | 'endpoint' | 'picked' | 'attempts'>;

/** A part of a line, and what it depends on beside route and endpoint. */
interface TargetPart extends Pick<Target, 'service' | 'picked' | 'attempts'> {
  readonly text: string;
}

/** Remembers what is written of each target: the same few combinations come again and again. */
export function targetParts(write: (target: Target) => string): (target: Target) => string {
  const parts = new Map<string, Map<string, TargetPart>>();

  return (target) => {
    const { route, service, endpoint, picked, attempts } = target;
    let byEndpoint = parts.get(route);
    if (byEndpoint === undefined) {
      if (parts.size >= MAX_TARGETS) parts.clear(); // routes come and go
      byEndpoint = new Map();
      parts.set(route, byEndpoint);
    }
    let part = byEndpoint.get(endpoint);
    // An endpoint may be in several services, and requests that came to none may have had different ones in mind.
    if (part?.service !== service || part.picked !== picked || part.attempts !== attempts) {
      if (byEndpoint.size >= MAX_ENDPOINTS) byEndpoint.clear();
      part = { service, picked, attempts, text: flattened(write(target)) };
      byEndpoint.set(endpoint, part);
    }
    return part.text;
  };
}

const MAX_TARGETS = 20_000;
const MAX_ENDPOINTS = 1000;
