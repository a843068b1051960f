import type { Particulars } from '../../core/problem.ts';

/** A service is about to say what its methods are: who asks again in a moment may be answered. */
export const UNKNOWN_YET: Particulars = {
  detail: 'The methods of the service are not known yet',
  fields: [['Retry-After', '1']],
};
