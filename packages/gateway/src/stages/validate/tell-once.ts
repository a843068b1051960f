import type { Log } from '../../core/ports.ts';
import type { Complaint } from './complaint.ts';

/** Different mistakes of one route that are logged. What comes after is counted only. */
const MAX_TOLD = 20;

/** Tells of a response that is not as described. */
export type Tell = (status: number, complaint: Complaint) => void;

/**
 * Logs each kind of mistake of a route's responses once, with the first of its places: a service that is wrong is wrong in every
 * response. Names and places are told, never values.
 */
export function tellOnce(log: Log, route: string): Tell {
  const told = new Set<string>();
  return (status, { reason, violations: [first] }) => {
    if (told.size >= MAX_TOLD) return;
    const key = `${status} ${reason} ${first?.keyword} ${first?.parameter} ${first?.pointer?.replaceAll(/\d+/g, '0')}`;
    if (told.has(key)) return;
    told.add(key);
    log.warn('a response is not as the API describes it', { route, status, reason, ...first });
  };
}
