/** What a gateway must do before it is measured: one that does less than the others, or answers wrongly, would win. */
import { get } from './http.ts';
import { forwardedPath, sizes, smallReply } from './origin-replies.ts';

/** Fails when the origin is not told who the client is. */
export async function mustForward(port: number): Promise<void> {
  const { status, body } = await get(port, forwardedPath);
  const [address = '', protocol, host = ''] = body.toString().split('|');
  const isComplete = status === 200 && address.includes('127.0.0.1') && protocol === 'http' && host !== '';
  if (!isComplete)
    throw new Error(
      `X-Forwarded-For, X-Forwarded-Proto and Host are not forwarded: ${status} ${body.toString()}`,
    );
}

/** Fails when a reply of the origin comes through changed. */
export async function mustRelay(port: number): Promise<void> {
  const small: [string, Buffer] = ['/small', Buffer.from(smallReply)];
  const large = Object.entries(sizes).map(([path, bytes]): [string, Buffer] => [
    path,
    Buffer.alloc(bytes, 'x'),
  ]);
  for (const [path, expected] of [small, ...large]) {
    const { status, body } = await get(port, path);
    if (status !== 200 || !body.equals(expected))
      throw new Error(`${path} is not relayed: ${status}, ${body.length} bytes`);
  }
}
