import type { ExchangeRecord } from '../core/exchange.ts';

/** What a part of a line says of where a request went, and why there. */
type Target = Pick<ExchangeRecord, 'route' | 'service' | 'endpoint' | 'picked' | 'attempts'>;

/** A part of a line, and what it depends on beside route and endpoint. */
interface TargetPart<Part> extends Pick<Target, 'service' | 'picked' | 'attempts'> {
  readonly part: Part;
}

/** Remembers what is written of each target: the same few combinations come again and again. */
export function targetParts<Part>(write: (target: Target) => Part): (target: Target) => Part {
  const parts = new Map<string, Map<string, TargetPart<Part>>>();

  return (target) => {
    const { route, service, endpoint, picked, attempts } = target;
    let byEndpoint = parts.get(route);
    if (byEndpoint === undefined) {
      if (parts.size >= MAX_TARGETS) parts.clear(); // routes come and go
      byEndpoint = new Map();
      parts.set(route, byEndpoint);
    }
    let known = byEndpoint.get(endpoint);
    // An endpoint may be in several services, and requests that came to none may have had different ones in mind.
    if (known?.service !== service || known.picked !== picked || known.attempts !== attempts) {
      if (byEndpoint.size >= MAX_ENDPOINTS) byEndpoint.clear();
      known = { service, picked, attempts, part: write(target) };
      byEndpoint.set(endpoint, known);
    }
    return known.part;
  };
}

const MAX_TARGETS = 20_000;
const MAX_ENDPOINTS = 1000;
