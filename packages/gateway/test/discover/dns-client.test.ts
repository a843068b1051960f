// The client of DNS against servers that do what real ones should not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TRUNCATED_RESPONSE } from 'dns-packet';
import * as fc from '@turnpike/testkit/fast-check';
import { eventually } from '@turnpike/testkit';
import { type DnsAnswer, dnsClient } from '../../src/upstream/discover/dns-client.ts';
import { addressRecord, realPorts, replyTo, scriptedDns, type Talk } from './dns-testing.ts';

const never = new AbortController().signal;
const question = { name: 'a.test', type: 'A' } as const;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** Long enough for an answer from this machine, however busy it is. */
const PATIENCE_MS = 10_000;
/** For those who never answer. */
const IMPATIENCE_MS = 50;

function addresses({ records }: DnsAnswer): string {
  return records.map((record) => ('address' in record ? record.address : '?')).join(' ');
}

async function ask(ports: readonly number[], timeoutMs = PATIENCE_MS): Promise<string> {
  const client = dnsClient(realPorts().pause, timeoutMs);
  const servers = ports.map((port) => ({ host: '127.0.0.1', port }));
  return addresses(await client(question, servers, never));
}

const good: Talk = (query) => [replyTo(query, { answers: [addressRecord(query, '10.0.0.1')] })];
const silent: Talk = () => [];
const garbage: Talk = () => [Buffer.from([0, 3, 1, 2, 3])];

async function closedPort(): Promise<number> {
  await using server = await scriptedDns(silent);
  return server.port;
}

describe('a client of DNS', () => {
  it('takes the answer to its question', async () => {
    await using server = await scriptedDns(good);
    assert.equal(await ask([server.port]), '10.0.0.1');
    assert.deepEqual(server.asked, ['udp A a.test']);
  });

  it('asks the next server when one fails, refuses or is not there', async () => {
    await using failing = await scriptedDns((query) => [replyTo(query, { rcode: SERVFAIL })]);
    const port = await closedPort();
    await using fine = await scriptedDns(good);
    assert.equal(await ask([failing.port, port, fine.port]), '10.0.0.1');
  });

  it('asks the next server when one says nothing', async () => {
    await using mute = await scriptedDns(silent);
    await using fine = await scriptedDns(good);
    let turns = 0;
    const client = dnsClient(async (_, signal) => {
      // The time of the first is over as soon as it was asked; that of the second never is.
      if (turns++ === 0) await eventually(() => mute.asked.length > 0, 'the silent one was asked');
      else await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
    });
    const servers = [mute.port, fine.port].map((port) => ({ host: '127.0.0.1', port }));
    assert.equal(addresses(await client(question, servers, never)), '10.0.0.1');
  });

  it('says what was wrong when nobody knows', async () => {
    await using failing = await scriptedDns((query) => [replyTo(query, { rcode: SERVFAIL })]);
    await assert.rejects(ask([failing.port]), /A a\.test: 127\.0\.0\.1:\d+: SERVFAIL/);
    assert.equal(failing.asked.length, 2);
    await using mute = await scriptedDns(silent);
    await assert.rejects(ask([mute.port], IMPATIENCE_MS), /no answer within 50 ms/);
    await assert.rejects(ask([]), /no DNS server/);
  });

  it('takes the word of a server that a name does not exist', async () => {
    await using server = await scriptedDns((query) => [replyTo(query, { rcode: NXDOMAIN })]);
    const client = dnsClient(realPorts().pause, PATIENCE_MS);
    const answer = await client(question, [{ host: '127.0.0.1', port: server.port }], never);
    assert.deepEqual([answer.exists, answer.records], [false, []]);
  });

  it('asks over TCP for what does not fit', async () => {
    const whole = (query: Parameters<Talk>[0]) => {
      const answers = Array.from({ length: 2000 }, (_, n) =>
        addressRecord(query, `10.0.${n >> 8}.${n & 255}`),
      );
      const message = replyTo(query, { answers });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      // In pieces, as networks deliver it.
      return [
        length.subarray(0, 1),
        Buffer.concat([length.subarray(1), message.subarray(0, 100)]),
        message.subarray(100),
      ];
    };
    await using server = await scriptedDns((query) => [replyTo(query, { flags: TRUNCATED_RESPONSE })], whole);
    assert.equal((await ask([server.port])).split(' ').length, 2000);
    assert.deepEqual(server.asked, ['udp A a.test', 'tcp A a.test']);
  });

  it('asks again plainly when a server does not know the extension', async () => {
    await using server = await scriptedDns((query, bytes) =>
      (query.additionals?.length ?? 0) > 0 ? [replyTo(query, { rcode: 1 })] : good(query, bytes),
    );
    assert.equal(await ask([server.port]), '10.0.0.1');
    assert.equal(server.asked.length, 2);
  });

  it('takes no answer to another question, with another id, or that is a question itself', async () => {
    const forged = (query: Parameters<Talk>[0]) => ({ answers: [addressRecord(query, '6.6.6.6')] });
    await using server = await scriptedDns((query, bytes) => [
      replyTo({ ...query, id: ((query.id ?? 0) + 1) & 0xffff }, forged(query)),
      replyTo({ ...query, questions: [{ type: 'A', name: 'b.test', class: 'IN' }] }, forged(query)),
      replyTo({ ...query, questions: [{ type: 'AAAA', name: 'a.test', class: 'IN' }] }, forged(query)),
      replyTo({ ...query, questions: [] }, forged(query)),
      bytes,
      Buffer.alloc(0),
      Buffer.from('garbage that is longer than a header'),
      ...good(query, bytes),
    ]);
    assert.equal(await ask([server.port]), '10.0.0.1');
  });

  it('takes no record of another name', async () => {
    await using server = await scriptedDns((query) => [
      replyTo(query, {
        answers: [
          { ...addressRecord(query, '6.6.6.6'), name: 'other.test' },
          addressRecord(query, '10.0.0.2'),
        ],
      }),
    ]);
    assert.equal(await ask([server.port]), '10.0.0.2');
  });

  it('gives up on a server that floods it', async () => {
    await using server = await scriptedDns(() => Array.from({ length: 200 }, () => Buffer.from('flood')));
    await assert.rejects(ask([server.port]), /not asked for/);
  });

  for (const [name, talk] of [
    ['says nothing', () => []],
    ['answers with garbage', garbage],
    ['answers something else', (query) => [Buffer.from([0, 12]), replyTo({ ...query, questions: [] })]],
  ] satisfies [string, Talk][]) {
    it(`fails when over TCP a server ${name}`, async () => {
      await using server = await scriptedDns(
        (query) => [replyTo(query, { flags: TRUNCATED_RESPONSE })],
        talk,
      );
      await assert.rejects(ask([server.port], IMPATIENCE_MS), /A a\.test: 127/);
    });
  }

  it('stops when it is told to', async () => {
    await using mute = await scriptedDns(silent);
    const stop = new AbortController();
    const client = dnsClient(realPorts().pause, PATIENCE_MS);
    const asking = client(question, [{ host: '127.0.0.1', port: mute.port }], stop.signal);
    stop.abort(new Error('it was closed'));
    await assert.rejects(asking, /closed/);
  });

  it('survives whatever comes', async () => {
    let message = Buffer.alloc(0);
    let damage: (reply: Buffer) => Buffer = () => message;
    await using server = await scriptedDns((query, bytes) => {
      const [reply = bytes] = good(query, bytes);
      return [damage(reply), reply];
    }, garbage);
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(edits, fc.uint8Array({ maxLength: 200 })), async (change) => {
        damage = (reply) => {
          message =
            change instanceof Uint8Array ? Buffer.concat([reply.subarray(0, 2), change]) : Buffer.from(reply);
          if (!(change instanceof Uint8Array))
            for (const [at, value] of change) message[2 + (at % (message.length - 2))] = value;
          return message;
        };
        // It may have become a refusal, or another address; it must come to an end.
        await ask([server.port], PATIENCE_MS).catch((error: unknown) => assert.ok(error instanceof Error));
      }),
      { numRuns: 300 },
    );
  });
});
