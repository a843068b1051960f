import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { AlertView, SilenceView } from '../gateway.ts';
import { Failure, UsageError } from '../exit-codes.ts';
import type { Output } from '../output/terminal.ts';
import { alerts } from './alerts.ts';

const SILENCE: SilenceView = {
  id: 'id-1',
  alert: 'orders fail',
  reason: 'planned\u001b[2J work',
  author: 'ada',
  from: '2027-01-31T22:00:00.123Z',
  until: '2027-02-01T02:00:00.123Z',
};
const ALERT: AlertView = {
  alert: 'orders fail',
  state: 'silenced',
  severity: 'page',
  value: 20,
  text: 'burns 20 times too fast',
  firingSince: '2027-01-31T21:00:00.000Z',
  silence: SILENCE,
};

/** Runs the command against an admin API with one silenced alert; gives what it was asked and what was printed. */
async function run(context: TestContext, words: readonly string[], texts: Record<string, string> = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { method, url } = request;
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      asked.push(`${method} ${url} ${body}`.trim());
      const answer = method === 'POST' ? SILENCE : url === '/alerts' ? [ALERT] : [SILENCE];
      const text = method === 'DELETE' ? '' : JSON.stringify(answer);
      response.writeHead(text === '' ? 204 : 200, { 'Content-Type': 'application/json' }).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const lines: string[] = [];
  const out: Output = {
    isTerminal: false,
    paint: (_, text) => text,
    print: (...more) => lines.push(...more),
  };
  const admin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: Record<string, string> = { admin, ...texts };
  const given = { words, has: () => false, text: (name: string) => options[name], list: () => [] };
  await alerts.run(given, { out, err: out });
  return { asked, lines };
}

describe('turnpike alerts', () => {
  it('lists them, who silenced which and why, and nothing that a terminal would obey', async (context) => {
    const { asked, lines } = await run(context, ['list']);
    assert.deepEqual(asked, ['GET /alerts']);
    assert.equal(lines.length, 4);
    assert.match(lines[1] ?? '', /^orders fail +silenced +page +2027-01-31 21:00:00Z +burns/);
    assert.match(lines[3] ?? '', /^orders fail is silenced until 2027-02-01 02:00:00Z by ada: planned/);
    assert.ok(!lines.join('').includes('\u001b'));
  });

  it('silences one for a reason', async (context) => {
    const { asked, lines } = await run(context, ['silence', 'orders fail'], { for: '2h', reason: 'work' });
    assert.deepEqual(asked, ['POST /alerts/silences {"alert":"orders fail","for":"2h","reason":"work"}']);
    assert.match(lines[0] ?? '', /^orders fail is silenced until/);
  });

  it('ends the silences of one', async (context) => {
    const { asked, lines } = await run(context, ['end', 'orders fail']);
    assert.deepEqual(asked, ['GET /alerts/silences', 'DELETE /alerts/silences/id-1']);
    assert.deepEqual(lines, ['orders fail is heard again']);
    await assert.rejects(run(context, ['end', 'others']), Failure);
  });

  const wrong: readonly (readonly [readonly string[], Record<string, string>])[] = [
    [['hush'], {}],
    [['list', 'orders'], {}],
    [['list'], { for: '2h' }],
    [['silence', 'orders'], { for: '2h' }],
    [['silence', 'orders', 'fail'], { for: '2h', reason: 'work' }],
    [['end'], {}],
  ];
  for (const [words, texts] of wrong)
    it(`says that this is wrong: ${words.join(' ')} ${Object.keys(texts).join(' ')}`, (context) =>
      assert.rejects(run(context, words, texts), UsageError));
});
