import type { EndpointStates, EndpointView } from '../upstream/balance/endpoint-states.ts';
import type { SnapshotData } from './protocol.ts';

/** An endpoint and what all threads together know of it. */
export interface EndpointReport extends EndpointView {
  readonly service: string;
  readonly url: string;
  readonly weight: number;
  readonly zone: string | null;
}

/** The state of every endpoint of a snapshot, from shared memory. */
export function endpointReport({ services }: SnapshotData, states: EndpointStates): EndpointReport[] {
  return services.flatMap(({ id, endpoints, slots }) =>
    endpoints.map(({ url, weight, zone }, index) => ({
      service: id,
      url,
      weight,
      zone,
      ...states.view(slots[index] ?? 0),
    })),
  );
}
