import type { EndpointSet } from '../core/endpoint-set.ts';
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
export function endpointReport(
  { services }: SnapshotData,
  states: EndpointStates,
  discovered: (service: string) => EndpointSet | null,
): EndpointReport[] {
  return services.flatMap(({ id, members }) =>
    (members ?? discovered(id)?.endpoints ?? []).map(({ url, weight, zone, slot }) => ({
      service: id,
      url,
      weight,
      zone,
      ...states.view(slot),
    })),
  );
}
