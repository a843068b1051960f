import type { Audit } from './audit-log.ts';
import type { Changer } from './change.ts';
import type { ApiPorts } from './ports.ts';
import type { Showing } from './show.ts';

/** What the operations work with. */
export interface Kit {
  readonly ports: ApiPorts;
  readonly audit: Audit;
  readonly changer: Changer;
  readonly show: Showing;
}
