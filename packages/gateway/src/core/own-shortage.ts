/** What the system says when a connection cannot be opened because of us: descriptors, ports or memory are used up. */
const SHORTAGES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Whether it is our machine that lacks something, which says nothing of the other end. */
export function isOwnShortage(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && SHORTAGES.has(cause.code);
}
