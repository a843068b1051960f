import { isIP } from 'node:net';
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';

/** What is asked. The name has no dot at its end. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'SRV';
}

/** A record of a kind that we use; names are in lower case and have no dot at their end. */
export type DnsRecord = { readonly name: string; readonly ttlSeconds: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | SrvData
);

/** RFC 2782. An empty target: the service is not offered here. */
export interface SrvData {
  readonly type: 'SRV';
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What a server answered. */
export type DnsReply =
  /** Not all of it fits; it has to be asked for over TCP. */
  | { readonly kind: 'truncated' }
  | {
      readonly kind: 'whole';
      /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …. */
      readonly code: string;
      readonly answers: readonly DnsRecord[];
      /** What the server thought we would ask next. */
      readonly additionals: readonly DnsRecord[];
    };

/** A query for recursion (RFC 1035 §4); `edns` says that answers of 1232 bytes are welcome (RFC 6891). */
export function encodeQuery(id: number, { name, type }: DnsQuestion, edns: 'edns' | 'plain'): Buffer {
  const packet: Packet = {
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
  };
  if (edns === 'edns') packet.additionals = [{ ...WELCOME, options: [] }];
  return encode(packet);
}

/**
 * Reads a reply to this question. Null for everything else: another id, another question, no reply at all, or bytes that make
 * no sense. Whoever sends those does not know what we asked, and must not end our wait for who does.
 */
export function decodeReply(bytes: Buffer, id: number, question: DnsQuestion): DnsReply | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id) return null;
  const flags = bytes.readUInt16BE(2);
  if ((flags & IS_REPLY) === 0) return null;
  // Before the rest is looked at, because some servers cut through a record.
  if ((flags & IS_TRUNCATED) !== 0) return { kind: 'truncated' };
  const packet = decodeWhole(bytes);
  if (packet === null || !isAbout(packet, question)) return null;
  return {
    kind: 'whole',
    code: CODES[flags & CODE_BITS] ?? `RCODE${flags & CODE_BITS}`,
    answers: recordsOf(packet.answers),
    additionals: recordsOf(packet.additionals),
  };
}

/** Whether a text can be asked for: labels of 1 to 63 bytes, 253 in all (RFC 1035 §2.3.4), with nothing odd in them. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && /^(?:[\w-]{1,63}\.)*[\w-]{1,63}$/.test(name);
}

function decodeWhole(bytes: Buffer): Packet | null {
  try {
    return decode(bytes);
  } catch {
    return null; // garbage, which is no reply
  }
}

function isAbout({ questions = [] }: Packet, { name, type }: DnsQuestion): boolean {
  const [asked, another] = questions;
  if (asked === undefined || another !== undefined) return false;
  return asked.type === type && asked.class === 'IN' && normal(asked.name) === normal(name);
}

function recordsOf(answers: readonly Answer[] = []): readonly DnsRecord[] {
  return answers.flatMap((answer) => recordOf(answer) ?? []);
}

function recordOf(answer: Answer): DnsRecord | null {
  if (!('ttl' in answer) || answer.class !== 'IN') return null;
  // RFC 2181 §8: with the highest bit set it counts as zero.
  const ttl = Number(answer.ttl);
  const head = { name: normal(answer.name), ttlSeconds: ttl >= 2 ** 31 ? 0 : ttl };
  if (answer.type === 'A' || answer.type === 'AAAA') {
    const isAddress = isIP(answer.data) === (answer.type === 'A' ? 4 : 6);
    return isAddress ? { ...head, type: answer.type, address: answer.data } : null;
  }
  if (answer.type === 'CNAME') return { ...head, type: 'CNAME', target: normal(answer.data) };
  if (answer.type !== 'SRV') return null;
  const { target, port, priority = 0, weight = 0 } = answer.data;
  return { ...head, type: 'SRV', target: normal(target), port, priority, weight };
}

function normal(name: string): string {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

const HEADER_BYTES = 12;
const IS_REPLY = 0x8000;
const IS_TRUNCATED = 0x0200;
const CODE_BITS = 0x000f;
/** RFC 1035 §4.1.1. */
const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
/** Answers of this size get through everywhere in one piece. */
const WELCOME = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
} as const;
