/**
 * The places of the pipeline where plugins run, outermost first:
 *
 * - `before-authenticate`: as soon as the route is known, behind the limits that need no identity. Nobody has asked who is calling.
 * - `after-authorize`: the caller is known, and may do this. Nothing was validated or counted yet.
 * - `before-cache`: validated, counted and changed by `transform`. What the cache answers goes through here as well.
 * - `before-service`: only what really goes to a service, once for each service that is asked, in the form in which that gets it.
 */
export const SLOTS = ['before-authenticate', 'after-authorize', 'before-cache', 'before-service'] as const;

/** A place of the pipeline where plugins run. */
export type Slot = (typeof SLOTS)[number];
