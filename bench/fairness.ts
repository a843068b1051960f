/** What a gateway must do before it is measured: one that does less than the others, or answers wrongly, would win. */
import type { Callers } from './callers.ts';
import { get } from './http.ts';
import { forwardedPath, keptPrefix, madeField, sizes, smallReply } from './origin-replies.ts';

/** Fails when the origin is not told who the client is. */
export async function mustForward(port: number, token: string): Promise<void> {
  const { status, body } = await get(port, forwardedPath, token);
  const [address = '', protocol, host = ''] = body.toString().split('|');
  const isComplete = status === 200 && address.includes('127.0.0.1') && protocol === 'http' && host !== '';
  if (!isComplete)
    throw new Error(
      `X-Forwarded-For, X-Forwarded-Proto and Host are not forwarded: ${status} ${body.toString()}`,
    );
}

/** Fails when a reply of the origin comes through changed. */
export async function mustRelay(port: number, token: string): Promise<void> {
  const small: [string, Buffer] = ['/small', Buffer.from(smallReply)];
  const large = Object.entries(sizes).map(([path, bytes]): [string, Buffer] => [
    path,
    Buffer.alloc(bytes, 'x'),
  ]);
  for (const [path, expected] of [small, ...large]) {
    const { status, body } = await get(port, path, token);
    if (status !== 200 || !body.equals(expected))
      throw new Error(`${path} is not relayed: ${status}, ${body.length} bytes`);
  }
}

/** Fails when a reply that may be kept is fetched again. */
export async function mustKeep(port: number, token: string): Promise<void> {
  for (const path of ['/small', '/64k']) {
    const first = await get(port, keptPrefix + path, token);
    const second = await get(port, keptPrefix + path, token);
    const made = first.headers[madeField];
    if (made === undefined || second.headers[madeField] !== made || !second.body.equals(first.body))
      throw new Error(`${keptPrefix}${path} is not answered from the cache`);
  }
}

/** Fails when a caller gets in without a token that is good. */
export async function mustAuthenticate(port: number, { forged }: Callers): Promise<void> {
  for (const [what, token] of [['that is missing', ''], ...forged] as const) {
    const { status } = await get(port, '/small', token);
    if (status !== 401) throw new Error(`a token ${what} is answered ${status}`);
  }
}
