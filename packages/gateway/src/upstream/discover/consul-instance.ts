import { readEndpoint, type Reading } from './endpoint-fields.ts';
import { at, textAt, wholeAt } from './json-value.ts';

/** One instance of a service, as Consul's health API tells of it. */
export interface ConsulInstance {
  /** Its node and its number there. */
  readonly name: string;
  readonly reading: Reading;
}

/** Reads an entry of `/v1/health/service/`: the address of the service, or else that of its node. */
export function readConsulInstance(entry: unknown): ConsulInstance {
  const node = textAt(entry, 'Node', 'Node') ?? '?';
  const id = textAt(entry, 'Service', 'ID') ?? '?';
  return {
    name: `${node}/${id}`,
    reading: readEndpoint({
      host: textAt(entry, 'Service', 'Address') ?? textAt(entry, 'Node', 'Address'),
      port: at(entry, 'Service', 'Port'),
      weight: at(entry, 'Service', 'Weights', 'Passing'),
      zone: textAt(entry, 'Service', 'Meta', 'zone') ?? textAt(entry, 'Node', 'Meta', 'zone'),
      priority: priorityOf(entry),
    }),
  };
}

/** Metadata is text; what is no number is passed on, and refused. */
function priorityOf(entry: unknown): unknown {
  return wholeAt(entry, 'Service', 'Meta', 'priority') ?? at(entry, 'Service', 'Meta', 'priority');
}
