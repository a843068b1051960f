/** Statuses whose responses may be kept though nobody says so (RFC 9110 §15.1). */
const HEURISTIC = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Final statuses whose rules for caches we follow, for `must-understand` (RFC 9111 §5.2.2.3). */
const UNDERSTOOD = new Set([
  200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403,
  404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 425, 426, 428,
  429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 511,
]);

/**
 * What a service answers to a head that it does not like, which depends on fields that no key has. Who could get such an answer
 * stored would keep everybody from the real one (CPDoS, Nguyen et al. 2019).
 */
const ABOUT_THE_HEAD = new Set([400, 413, 431]);

export function isHeuristicallyCacheable(status: number): boolean {
  return HEURISTIC.has(status);
}

export function isUnderstood(status: number): boolean {
  return UNDERSTOOD.has(status);
}

export function isAboutTheHead(status: number): boolean {
  return ABOUT_THE_HEAD.has(status);
}
