import { createSocket } from 'node:dgram';
import { createConnection, isIPv6 } from 'node:net';
import { decodeReply, type DnsQuestion, type DnsReply, encodeQuery } from './dns-message.ts';

/** Where a DNS server listens. */
export interface DnsServer {
  readonly host: string;
  readonly port: number;
}

/** One question on its way. */
export interface DnsQuery {
  readonly id: number;
  readonly question: DnsQuestion;
  readonly edns: 'edns' | 'plain';
}

/**
 * Asks one server over UDP, from a port of its own. Resolves with the first reply that fits; rejects when the server cannot be
 * reached or the signal says stop, with its reason.
 *
 * The socket is connected, so the kernel lets only that server through; the port and the id are random, so nobody else can
 * answer in its name without guessing 31 bits.
 */
export function askOverUdp(server: DnsServer, query: DnsQuery, signal: AbortSignal): Promise<DnsReply> {
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>();
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  const stop = () => reject(signal.reason);
  let strangers = 0;
  socket.on('error', reject);
  socket.on('message', (bytes) => {
    const reply = decodeReply(bytes, query.id, query.question);
    if (reply !== null) resolve(reply);
    else if (++strangers >= MAX_STRANGERS) reject(new Error('it sends what was not asked for'));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  else
    socket.connect(server.port, server.host, () =>
      socket.send(encodeQuery(query.id, query.question, query.edns)),
    );
  return promise.finally(() => {
    signal.removeEventListener('abort', stop);
    socket.on('error', IGNORE); // it is over: what comes now is of no interest
    socket.close();
  });
}

/** The same over TCP (RFC 7766), where an answer may have 65,535 bytes. */
export function askOverTcp(server: DnsServer, query: DnsQuery, signal: AbortSignal): Promise<DnsReply> {
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>();
  const socket = createConnection({ ...server, signal });
  let received = Buffer.alloc(0);
  socket.on('error', (error) => reject(signal.aborted ? signal.reason : error));
  socket.on('close', () => reject(new Error('it closed the connection before its answer was whole')));
  socket.on('connect', () => {
    const message = encodeQuery(query.id, query.question, query.edns);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (received.length < LENGTH_BYTES) return;
    const end = LENGTH_BYTES + received.readUInt16BE(0);
    if (received.length < end) return;
    const reply = decodeReply(received.subarray(LENGTH_BYTES, end), query.id, query.question);
    if (reply === null || reply.kind === 'truncated') reject(new Error('its answer makes no sense'));
    else resolve(reply);
  });
  return promise.finally(() => socket.destroy());
}

const IGNORE = (): void => {};
const LENGTH_BYTES = 2;
/** Each costs us a look; somebody who floods us must not keep us busy for two seconds. */
const MAX_STRANGERS = 100;
