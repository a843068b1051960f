import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';

/**
 * Says what a configuration has that cannot be, though every value of it is well formed. The document is for what the
 * configuration no longer tells: whether a policy is the route's own.
 */
export type Check = (
  config: GatewayConfig,
  referenceAt: ReferenceAt,
  document: ResolvedDocument,
) => readonly Draft[];

/** How the value at a path was written, if it came from a reference: then it may be a secret, and is not shown. */
export type ReferenceAt = (path: Path) => string | undefined;

/** The parts of a configuration that the checks of a single route look at, beside the route. */
export type Surroundings = Pick<
  GatewayConfig,
  'documents' | 'services' | 'listeners' | 'identityProviders' | 'consumers' | 'stores' | 'lists'
>;

/** The same as it is written. */
export type WrittenSurroundings = Omit<ResolvedDocument, 'routes' | 'admin' | 'telemetry' | 'runtime'>;

/**
 * Looks at each route by itself: no route makes a difference for another, so nobody has to run it for a route that has not
 * changed. What it says is at the place of the route, or else in the defaults or APIs.
 */
export type RouteCheck = (
  config: Surroundings & Pick<GatewayConfig, 'routes'>,
  referenceAt: ReferenceAt,
  document: WrittenSurroundings & Pick<ResolvedDocument, 'routes'>,
) => readonly Draft[];
