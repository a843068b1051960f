import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { freePorts, launchFor, root } from './cli-program.ts';

interface CurlLine {
  readonly line: string;
  readonly url: string;
  readonly init: RequestInit;
  /** The line that README.md shows below. */
  readonly answer: string;
}

/** The lines of README.md that begin with `$ curl`, and what is said to come back. */
function curlLines(): CurlLine[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return Array.from(readme.matchAll(/^\$ (curl .*)\n(.*)$/gm), ([, line = '', answer = '']) => {
    const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');
    const after = (option: string): string | undefined => words[words.indexOf(option) + 1 || words.length];
    const body = after('-d');
    const init: RequestInit = {
      method: after('-X') ?? 'GET',
      redirect: words.includes('-L') ? 'follow' : 'manual',
      ...(body !== undefined && { body }),
    };
    return { line, answer, init, url: words.find((word) => word.startsWith('localhost')) ?? '' };
  });
}

/** `npm start` on free ports; gives the real one for a port of the README. */
async function quickstart(context: TestContext, ...args: readonly string[]): Promise<Map<string, number>> {
  const [port = 0, admin = 0, users = 0, orders = 0] = await freePorts(4);
  const env = {
    PORT: String(port),
    ADMIN_PORT: String(admin),
    USERS_PORT: String(users),
    ORDERS_PORT: String(orders),
  };
  const program = launchFor(context, [join(root, 'scripts/start.mjs'), ...args], { env });
  await program.says(/"message":"serving"/);
  return new Map([
    ['8080', port],
    ['9901', admin],
  ]);
}

describe('npm start', () => {
  it('answers every curl line of the README as it is written there', async (context) => {
    const ports = await quickstart(context);
    const lines = curlLines();
    assert.ok(lines.length >= 5);
    for (const { line, url, init, answer } of lines) {
      const local = url.replace(/^localhost:(\d+)/, (_, port: string) => `127.0.0.1:${ports.get(port)}`);
      const reply = await fetch(`http://${local}`, init);
      const text = (await reply.text()).trimEnd().replace(/"requestId":"[^"]*"/, '"requestId":"…"');
      assert.equal(text, answer, line);
    }
  });

  it('streams events one by one, and keeps a WebSocket', async (context) => {
    const ports = await quickstart(context);
    const stream = await fetch(`http://127.0.0.1:${ports.get('8080')}/orders/stream`);
    const pieces: string[] = [];
    for await (const piece of stream.body ?? []) pieces.push(Buffer.from(piece).toString());
    assert.ok(pieces.length >= 4);

    const socket = new WebSocket(`ws://127.0.0.1:${ports.get('8080')}/live`);
    const messages: unknown[] = [];
    await new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        messages.push(data);
        if (messages.length === 1) socket.send('one pizza');
        else resolve();
      });
    });
    assert.deepEqual(messages, ['Welcome to the kitchen. Say something.', 'one pizza']);
    socket.close();
  });
});
