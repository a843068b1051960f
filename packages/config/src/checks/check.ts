import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { GatewayConfig } from '../resolved.ts';

/** Says what a configuration has that cannot be, though every value of it is well formed. */
export type Check = (config: GatewayConfig, referenceAt: ReferenceAt) => readonly Draft[];

/** How the value at a path was written, if it came from a reference: then it may be a secret, and is not shown. */
export type ReferenceAt = (path: Path) => string | undefined;
