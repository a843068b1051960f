import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, freePorts, launchFor, root, type Running } from './cli-program.ts';

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

interface Quickstart {
  readonly program: Running;
  /** The real port for a port of the README. */
  readonly ports: ReadonlyMap<string, number>;
}

/** `npm start` on free ports, with or without npm itself. */
async function quickstart(context: TestContext, command: readonly string[]): Promise<Quickstart> {
  const [port = 0, admin = 0, users = 0, orders = 0] = await freePorts(4);
  const env = {
    PORT: String(port),
    ADMIN_PORT: String(admin),
    USERS_PORT: String(users),
    ORDERS_PORT: String(orders),
  };
  const [node = process.execPath, ...args] = command;
  const program = launchFor(context, args, { node, env });
  await program.says(/"message":"serving"/);
  const ports = new Map([
    ['8080', port],
    ['9901', admin],
  ]);
  return { program, ports };
}

const SCRIPT = [process.execPath, join(root, 'scripts/start.mjs')];

describe('npm start', () => {
  it('answers every curl line of the README as it is written there', async (context) => {
    const { ports } = await quickstart(context, SCRIPT);
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
    const { ports } = await quickstart(context, SCRIPT);
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

  it('ends all of it when npm is told to stop', async (context) => {
    const { program, ports } = await quickstart(context, ['npm', 'start']);
    program.child.kill('SIGTERM');
    const { err } = await program.ended;
    assert.match(err, /"message":"stopped"/);
    await assert.rejects(fetch(`http://127.0.0.1:${ports.get('8080')}/ping`));
  });

  it('runs the gateway alone with a configuration of the user, found from where the user is', async (context) => {
    const cwd = directoryWith(context, {
      'own.yaml':
        'listeners: { web: { address: "127.0.0.1:0" } }\nadmin: off\nroutes: { a: { match: { path: / }, respond: { status: 200, body: own } } }\n',
    });
    const args = [join(root, 'scripts/start.mjs'), '--config', 'own.yaml'];
    const program = launchFor(context, args, { env: { INIT_CWD: cwd } });
    const [, port] = await program.says(/"ports":\{"web":(\d+)\}/);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'own');
  });
});
