import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { decode, encode, type Packet } from 'dns-packet';
import { eventually } from '@turnpike/testkit';
import { systemClock } from '../../src/core/ports.ts';
import { sourcePorts } from '../../src/upstream/discover/discover-testing.ts';
import type {
  FoundEndpoint,
  SourceEvents,
  SourcePorts,
} from '../../src/upstream/discover/endpoint-source.ts';

/** For tests: ports with the time of the machine. */
export function realPorts(): SourcePorts {
  return {
    ...sourcePorts(),
    clock: systemClock,
    pause: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
  };
}

/** For tests: what a scripted server does with a question: messages to send back, as bytes. */
export type Talk = (query: Packet, bytes: Buffer) => readonly Buffer[];

/** For tests: a DNS server over UDP and TCP that does what it is told. */
export interface ScriptedDns extends AsyncDisposable {
  readonly port: number;
  /** What was asked, as `udp TYPE name`. */
  readonly asked: string[];
}

/** For tests: see {@link ScriptedDns}; over TCP, bytes are sent as they are, with no length before them. */
export async function scriptedDns(udpTalk: Talk, tcpTalk: Talk = () => []): Promise<ScriptedDns> {
  const asked: string[] = [];
  const note = (how: string, { questions: [question] = [] }: Packet) =>
    void asked.push(`${how} ${question?.type} ${question?.name}`);
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // clients go when they like
    socket.on('data', (bytes: Buffer) => {
      const query = decode(bytes.subarray(2));
      note('tcp', query);
      for (const message of tcpTalk(query, bytes.subarray(2))) socket.write(message);
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const query = decode(bytes);
    note('udp', query);
    for (const message of udpTalk(query, bytes)) udp.send(message, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      for (const socket of sockets) socket.destroy();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** For tests: a reply to a query. */
export function replyTo(query: Packet, changes: Packet & { readonly rcode?: number } = {}): Buffer {
  const { rcode = 0, flags = 0, ...rest } = changes;
  const { id = 0, questions = [] } = query;
  return encode({ type: 'response', id, flags: flags | rcode, questions, ...rest });
}

/** For tests: an A record of the name that was asked for. */
export function addressRecord(query: Packet, data: string, ttl = 60) {
  return { type: 'A', name: query.questions?.[0]?.name ?? '', class: 'IN', ttl, data } as const;
}

/** For tests: the events of a source, one after the other, in words. */
export interface HeardSource extends SourceEvents {
  /** The next that it tells: `host:port…` sorted, or `! problem`. */
  next(): Promise<string>;
}

/** For tests: see {@link HeardSource}; `shown` says what of an endpoint matters. */
export function hearSource(
  shown: (endpoint: FoundEndpoint) => string = ({ host, port }) => `${host}:${port}`,
): HeardSource {
  const told: string[] = [];
  return {
    found: (endpoints) => void told.push(endpoints.map(shown).toSorted().join(' ')),
    failed: (problem) => void told.push(`! ${problem}`),
    next: async () => {
      await eventually(() => told.length > 0, 'the source tells something');
      return told.shift() ?? '';
    },
  };
}
