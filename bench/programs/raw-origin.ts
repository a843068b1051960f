/**
 * An origin on raw sockets: PORT. It reads a request to its last byte before it answers, which nginx's `return` does not,
 * so that an upload is really an upload. It also stands in when nginx is not installed.
 */
import { createServer, type Socket } from 'node:net';
import { forwardedPath, sizes, smallReply } from '../origin-replies.ts';

const replies = new Map<string, Buffer>(
  Object.entries(sizes).map(([path, bytes]) => [
    path,
    reply(Buffer.alloc(bytes, 'x'), 'application/octet-stream'),
  ]),
);
const small = reply(Buffer.from(smallReply), 'application/json');
const received = reply(Buffer.alloc(0), 'application/json');

createServer({ noDelay: true }, serve).listen(Number(process.argv[2]), '127.0.0.1');

function reply(body: Buffer, type: string): Buffer {
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

/** Reads one request after the other; proxies do not pipeline, so a request begins with a chunk. */
function serve(socket: Socket): void {
  let head = '';
  let bodyLeft = 0;
  let tail = '';

  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (bodyLeft > 0) return takeBody(chunk);
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    bodyLeft = bodyLength(head.slice(0, end));
    if (bodyLeft === 0) return answer();
    const rest = head.length - end - 4;
    takeBody(chunk.subarray(chunk.length - rest));
  });

  function takeBody(chunk: Buffer): void {
    bodyLeft -= chunk.length;
    // Only a chunked body, whose length is infinite, ends with these five bytes.
    if (bodyLeft === Infinity)
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 5))).slice(-5);
    if (bodyLeft <= 0 || tail === '0\r\n\r\n') answer();
  }

  function answer(): void {
    const [method, path = ''] = head.split(' ', 2);
    if (path === forwardedPath) socket.write(reply(Buffer.from(forwarded(head)), 'text/plain'));
    else socket.write(method === 'POST' ? received : (replies.get(path) ?? small));
    head = '';
    tail = '';
    bodyLeft = 0;
  }
}

function bodyLength(head: string): number {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return Infinity;
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

/** What the gateway says about the client, in the words of {@link forwardedPath}. */
function forwarded(head: string): string {
  const value = (name: string): string => new RegExp(`\r\n${name}: *([^\r]*)`, 'i').exec(head)?.[1] ?? '';
  return ['x-forwarded-for', 'x-forwarded-proto', 'host'].map(value).join('|');
}
