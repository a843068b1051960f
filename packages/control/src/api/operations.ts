import { applyOperations } from './apply.ts';
import { auditOperations } from './audit.ts';
import { fleetOperations } from './fleet.ts';
import { insightOperations } from './insight.ts';
import { keyOperations } from './keys.ts';
import type { Kit } from './kit.ts';
import { objectOperations } from './objects.ts';
import type { Operation } from './operation.ts';
import { revisionOperations } from './revisions.ts';
import { rolloutOperations } from './rollouts.ts';
import { sessionOperations } from './session.ts';
import { tokenOperations } from './tokens.ts';
import { workspaceOperations } from './workspaces.ts';

/** Everything that the admin API of the control plane does. Routes, the document and the tests are made of this list. */
export function operations(kit: Kit): readonly Operation[] {
  return [
    ...objectOperations(kit),
    ...keyOperations(kit),
    ...applyOperations(kit),
    ...revisionOperations(kit),
    ...workspaceOperations(kit),
    ...tokenOperations(kit),
    ...sessionOperations(kit),
    ...auditOperations(kit),
    ...fleetOperations(kit),
    ...rolloutOperations(kit),
    ...insightOperations(kit),
  ];
}
