import { randomInt } from 'node:crypto';
import { askOverTcp, askOverUdp, type DnsQuery, type DnsServer } from './dns-exchange.ts';
import { type DnsQuestion, type DnsRecord, type DnsReply, isDnsName } from './dns-message.ts';
import type { SourcePorts } from './endpoint-source.ts';
import { inTime } from './in-time.ts';

/** What the servers know of a name. */
export interface DnsAnswer {
  readonly exists: boolean;
  /** Of the type that was asked for, at the end of all aliases. */
  readonly records: readonly DnsRecord[];
  /** The shortest of the records and of the aliases on the way; 0 if there are none. */
  readonly ttlSeconds: number;
  readonly additionals: readonly DnsRecord[];
}

/** Asks servers in turn until one knows; rejects with what was wrong with the last one. */
export type AskDns = (
  question: DnsQuestion,
  servers: readonly DnsServer[],
  signal: AbortSignal,
) => Promise<DnsAnswer>;

/** Makes a client. It remembers nothing. */
export function dnsClient(pause: SourcePorts['pause'], timeoutMs = TIMEOUT_MS): AskDns {
  /** Over UDP first; over TCP if it does not fit; without the extension if the server does not know it. */
  const exchange = async (server: DnsServer, query: DnsQuery, signal: AbortSignal): Promise<DnsReply> => {
    const reply = await inTime(pause, timeoutMs, signal, (stop) => askOverUdp(server, query, stop));
    if (reply.kind === 'truncated')
      return inTime(pause, timeoutMs, signal, (stop) => askOverTcp(server, query, stop));
    if (query.edns === 'edns' && KNOW_NO_EDNS.has(reply.code))
      return exchange(server, { ...query, edns: 'plain' }, signal);
    return reply;
  };

  return async (question, servers, signal) => {
    if (!isDnsName(question.name)) throw new Error(`${JSON.stringify(question.name)} is not a name`);
    let problem = 'there is no DNS server to ask';
    const turns = Array.from({ length: ROUNDS }, () => servers.slice(0, MAX_SERVERS)).flat();
    for (const server of turns) {
      signal.throwIfAborted();
      try {
        const query: DnsQuery = { id: randomInt(65_536), question, edns: 'edns' };
        const reply = await exchange(server, query, signal);
        if (reply.kind === 'whole' && KNOWS.has(reply.code)) return answerOf(question, reply);
        problem = reply.kind === 'whole' ? reply.code : 'its answer makes no sense';
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      problem = `${question.type} ${question.name}: ${server.host}:${server.port}: ${problem}`;
    }
    throw new Error(problem);
  };
}

/** Follows the aliases of an answer (RFC 1034 §3.6.2). */
export function answerOf(question: DnsQuestion, reply: Extract<DnsReply, { kind: 'whole' }>): DnsAnswer {
  const { answers, additionals, code } = reply;
  let name = question.name.toLowerCase();
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let steps = 0; steps < MAX_ALIASES; steps++) {
    const alias = answers.find((record) => record.type === 'CNAME' && record.name === name);
    if (alias?.type !== 'CNAME') break;
    name = alias.target;
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
  }
  const records = answers.filter((record) => record.type === question.type && record.name === name);
  for (const record of records) ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds);
  const exists = code !== 'NXDOMAIN' || records.length > 0;
  return { exists, records, additionals, ttlSeconds: records.length === 0 ? 0 : ttlSeconds };
}

const TIMEOUT_MS = 2000;
const ROUNDS = 2;
/** As many as the resolver of the C library asks. */
const MAX_SERVERS = 3;
const MAX_ALIASES = 16;
const KNOWS: ReadonlySet<string> = new Set(['NOERROR', 'NXDOMAIN']);
const KNOW_NO_EDNS: ReadonlySet<string> = new Set(['FORMERR', 'NOTIMP']);
