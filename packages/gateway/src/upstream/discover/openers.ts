import type { DiscoveryConfig } from '@turnpike/config';
import type { EndpointSource, SourceEvents, SourcePorts } from './endpoint-source.ts';

/** Begins a watch. No event comes before it has returned. */
export type Opener<Kind extends DiscoveryConfig['kind']> = (
  config: Extract<DiscoveryConfig, { kind: Kind }>,
  events: SourceEvents,
  ports: SourcePorts,
) => EndpointSource;

/** What can be watched: one opener a kind. A new registry is one more file and one more line where these are put together. */
export type Openers = { readonly [Kind in DiscoveryConfig['kind']]: Opener<Kind> };

/** Opens the source that a configuration means. */
export function openSource(
  openers: Openers,
  config: DiscoveryConfig,
  listener: { readonly events: SourceEvents; readonly ports: SourcePorts },
): EndpointSource {
  // The compiler does not see that the opener of a kind gets the configuration of that kind.
  const opener = openers[config.kind] as Opener<DiscoveryConfig['kind']>;
  return opener(config, listener.events, listener.ports);
}
