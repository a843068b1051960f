import { notation, optional, orElse, secret } from './typebox.ts';

/** What belongs to a cookie that keeps callers where they were. */
export const STICKINESS = {
  secret: optional(
    secret(
      'With `sticky`: the key that signs the cookie, the same in all gateways, best from `${env:NAME}`. One of our own without it.',
      32,
    ),
  ),
  lifetime: orElse(
    notation('duration', 'With `sticky`: how long the cookie lives. `0s`: until the browser is closed.', {
      minimum: 0,
      maximum: 366 * 86_400_000,
    }),
    '0s',
  ),
};
