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
