import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Given } from '../command.ts';
import { Failure, UsageError } from '../exit-codes.ts';
import type { Output } from '../output/terminal.ts';
import { tail } from './tail.ts';

function output(): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, isTerminal: false, paint: (_, text) => text, print: (...more) => lines.push(...more) };
}

/** Runs the command against an admin API that answers like this; gives what it printed and how it ended. */
async function run(
  context: TestContext,
  options: Readonly<Record<string, string | true>>,
  answer: RequestListener,
) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const all: Readonly<Record<string, string | true>> = { admin: `127.0.0.1:${port}`, ...options };
  const given: Given = {
    words: [],
    has: (option) => all[option] === true,
    text: (option) => all[option] as string | undefined,
    list: () => [],
  };
  const [out, err] = [output(), output()];
  const end = await tail.run(given, { out, err }).catch((error: unknown) => error);
  return { out: out.lines, err: err.lines, end };
}

const LINE = {
  time: '2026-11-23T13:06:04.123Z',
  method: 'GET',
  host: 'a.example',
  path: '/x\u009b2J',
  client: '192.0.2.1',
  status: 503,
  route: 'r',
  endpoint: '10.0.0.1:80',
  attempts: 2,
  durationMs: 12.345,
  code: 'UPSTREAM_RESET',
};

const lines =
  (...chunks: string[]): RequestListener =>
  (_, response) => {
    response.setHeader('content-type', 'application/x-ndjson');
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };

describe('turnpike tail', () => {
  it('shows a line a request, and nothing that a terminal obeys', async (context) => {
    const text = JSON.stringify(LINE);
    const { out, err, end } = await run(
      context,
      {},
      lines('\n{"dropped":3}\n', text.slice(0, 20), `${text.slice(20)}\n`),
    );
    assert.deepEqual(err, ['3 requests could not be shown in time']);
    assert.deepEqual(out, [
      '13:06:04.123  503     12.3 ms  192.0.2.1  GET  a.example/x\ufffd2J  → r 10.0.0.1:80  2 attempts  UPSTREAM_RESET',
    ]);
    assert.ok(end instanceof Failure);
  });

  it('hands on what is wished for, and the lines as they are with --json', async (context) => {
    let asked = '';
    const { out } = await run(
      context,
      { json: true, status: '5xx', filter: 'line.a == "&"' },
      (request, response) => {
        asked = request.url ?? '';
        lines('{"dropped":3}\n{"a":1}\n')(request, response);
      },
    );
    assert.deepEqual(out, ['{"dropped":3}', '{"a":1}']);
    const query = new URL(asked, 'http://a').searchParams;
    assert.deepEqual(
      [...query],
      [
        ['filter', 'line.a == "&"'],
        ['status', '5xx'],
      ],
    );
  });

  it('says what is wrong with the request, and with what answers', async (context) => {
    const refused = await run(context, { status: '9' }, (_, response) => {
      response.writeHead(422, { 'content-type': 'application/problem+json' });
      response.end('{"title":"No","detail":"status is one like 404"}');
    });
    assert.ok(refused.end instanceof UsageError);
    assert.match(refused.end.message, /like 404/);
    const other = await run(context, {}, (_, response) => response.end('hello'));
    assert.ok(other.end instanceof Failure);
  });
});
