/**
 * Every message that our parser accepts, `node:http` (llhttp) must read the same way. What we refuse, it may accept.
 *
 * `FUZZ_CASES` sets how many connections are made up for requests, and as many for responses (40 000 by default, some
 * seconds); `FUZZ_SEED` sets where the sequence begins. A long run: `FUZZ_CASES=5000000 FUZZ_SEED=7 node --test …`.
 * A failure prints the bytes and the seed of its batch.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { random } from '../../src/core/random.ts';
import { FRAMING, headerName, NOT_IN_TRAILER, SINGLETON, UNDERSCORED } from '../../src/core/header-names.ts';
import { normalisePath } from '../../src/core/http/path.ts';
import { requestBytes, responseBytes } from './generate.ts';
import { nodeReadsRequests, nodeReadsResponses, type NodeMessage, type NodeReading } from './node-oracle.ts';
import { readRequests, readResponses, type Field, type ReadConnection } from './read-connection.ts';
import { SMUGGLING_CORPUS } from './smuggling-corpus.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 40_000);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const BATCH = 250;
/** What is generated has to be good often enough, or nothing is compared. */
const LEAST_ACCEPTED = 0.3;

/** What both readers have to agree on. */
type Essence = Readonly<Record<string, unknown>>;

/**
 * Where node stops reading and we go on, on purpose. It never reads another message there, only none.
 *
 * - Methods: llhttp has a list; in HTTP any token is one (RFC 9110 §9.1).
 * - Upgrade: llhttp takes what follows for another protocol, before anybody has agreed to one (RFC 9110 §7.8).
 * - `Proxy-Connection: close`: llhttp takes it for `Connection`, which it never was (RFC 9112 Appendix C.2.2).
 * - `Connection: close` in an interim response: llhttp does not wait for the final one (RFC 9110 §15.2).
 */
function stopsEarly({ messages, error }: NodeReading): boolean {
  const last = messages.at(-1);
  if (error === 'HPE_INVALID_METHOD') return true;
  if (last === undefined) return false;
  const isInterim = last.status >= 100 && last.status < 200;
  if (error === 'HPE_CLOSED_CONNECTION') return isInterim || lists(last.fields, 'proxy-connection', 'close');
  return (
    error === '' &&
    lists(last.fields, 'connection', 'upgrade') &&
    last.fields.some(([name]) => /^upgrade$/i.test(name))
  );
}

/** Where we close and node goes on, on purpose: for us `close` wins over `keep-alive` in HTTP/1.0 too (RFC 9112 §9.3). */
function goesOn(last: NodeMessage | undefined): boolean {
  return (
    last?.minor === 0 &&
    (lists(last.fields, 'connection', 'keep-alive') || lists(last.fields, 'proxy-connection', 'keep-alive'))
  );
}

function lists(fields: readonly Field[], lower: string, option: string): boolean {
  return fields.some(([name, value]) => {
    return (
      name.toLowerCase() === lower && value.split(',').some((part) => part.trim().toLowerCase() === option)
    );
  });
}

function compare<Message>(
  bytes: Buffer,
  ours: ReadConnection<Message>,
  theirs: NodeReading,
  essences: {
    ours: (message: Message) => Essence;
    theirs: (message: NodeMessage) => Essence;
  },
): void {
  const said = () =>
    `${JSON.stringify(bytes.toString('latin1'))}\nours ${JSON.stringify(ours)}\nnode ${JSON.stringify(theirs)}`;
  const complete = theirs.messages.filter(({ isComplete }) => isComplete);
  for (const [i, message] of ours.messages.entries()) {
    const other = complete[i];
    if (other === undefined && stopsEarly(theirs)) return;
    assert.ok(other !== undefined, `node does not have message ${i}: ${said()}`);
    assert.deepEqual(essences.theirs(other), essences.ours(message), said());
  }
  if (ours.ending.why === 'refused' || goesOn(complete[ours.messages.length - 1])) return;
  assert.equal(complete.length, ours.messages.length, `node reads more messages: ${said()}`);
}

function kept(fields: readonly Field[]): Field[] {
  return fields.filter(([name]) => (headerName(name).flags & UNDERSCORED) === 0);
}

function keptTrailers(fields: readonly Field[]): Field[] {
  return kept(fields).filter(
    ([name]) => (headerName(name).flags & (NOT_IN_TRAILER | FRAMING | SINGLETON)) === 0,
  );
}

/** The target as we would go on with it. */
function targetOf(method: string, url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, '');
  if (rest === '*' || (rest === '' && method === 'OPTIONS')) return '*';
  const out = { path: '', query: '', hasQuery: false };
  const refusal = normalisePath(rest.startsWith('/') ? rest : `/${rest}`, out);
  return refusal ?? (out.hasQuery ? `${out.path}?${out.query}` : out.path);
}

async function inBatches(run: (seed: number, count: number) => Promise<number>): Promise<number> {
  let accepted = 0;
  for (let done = 0; done < CASES; done += BATCH) {
    accepted += await run(FIRST_SEED + done, Math.min(BATCH, CASES - done));
  }
  return accepted;
}

async function compareRequests(inputs: readonly Buffer[]): Promise<number> {
  const theirs = await nodeReadsRequests(inputs);
  let accepted = 0;
  for (const [i, bytes] of inputs.entries()) {
    const ours = readRequests(bytes);
    if (ours.messages.length > 0) accepted++;
    compare(bytes, ours, theirs[i] ?? { messages: [], error: '' }, {
      ours: ({ method, path, query, minor, fields, body, trailers }) => {
        return { method, target: path + query, minor, fields, body, trailers };
      },
      theirs: ({ method, url, minor, fields, body, trailers }) => {
        const target = targetOf(method, url);
        return { method, target, minor, fields: kept(fields), body, trailers: keptTrailers(trailers) };
      },
    });
  }
  return accepted;
}

async function compareResponses(inputs: readonly Buffer[], method: string): Promise<number> {
  const theirs = await nodeReadsResponses(inputs, method);
  let accepted = 0;
  for (const [i, bytes] of inputs.entries()) {
    const ours = readResponses(bytes, method);
    if (ours.messages.length > 0) accepted++;
    compare(bytes, ours, theirs[i] ?? { messages: [], error: '' }, {
      ours: ({ status, fields, body, trailers }) => ({ status, fields, body, trailers }),
      theirs: ({ status, fields, body, trailers }) => {
        return { status, fields: kept(fields), body, trailers: keptTrailers(trailers) };
      },
    });
  }
  return accepted;
}

describe('the parser against node:http', () => {
  it(`reads requests alike: ${CASES} made up from seed ${FIRST_SEED}`, async () => {
    const accepted = await inBatches((seed, count) => {
      const source = random(seed);
      return compareRequests(Array.from({ length: count }, () => requestBytes(source)));
    });
    assert.ok(accepted >= CASES * LEAST_ACCEPTED, `only ${accepted} were accepted`);
  });

  it('reads requests alike: the smuggling corpus', async () => {
    await compareRequests(SMUGGLING_CORPUS.map(({ bytes }) => bytes));
  });

  it(`reads responses alike: ${CASES} made up from seed ${FIRST_SEED}`, async () => {
    const accepted = await inBatches((seed, count) => {
      const source = random(seed);
      const method = ['GET', 'HEAD', 'POST', 'DELETE'][seed % 4] ?? 'GET';
      return compareResponses(
        Array.from({ length: count }, () => responseBytes(source)),
        method,
      );
    });
    assert.ok(accepted >= CASES * LEAST_ACCEPTED, `only ${accepted} were accepted`);
  });
});
