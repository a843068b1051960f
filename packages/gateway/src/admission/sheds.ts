import type { Shed, ShedReason } from '../core/admission.ts';

/** A refusal is the same for everybody, so that none has to be made. */
function sheds(isByPriority: boolean): Readonly<Record<ShedReason, Shed>> {
  return {
    limit: { reason: 'limit', isByPriority },
    'queue-full': { reason: 'queue-full', isByPriority },
    'queue-timeout': { reason: 'queue-timeout', isByPriority },
    'fair-share': { reason: 'fair-share', isByPriority },
  };
}

/** There is no room for anybody. */
export const SHED = sheds(false);
/** There is room, but not for this priority. */
export const SHED_BY_PRIORITY = sheds(true);
