// One version takes over from another on the same machine, as docs/install.md says: by the command lines of the unit of systemd.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, freePorts, root, startTurnpike, type Running } from '../cli-program.ts';
import { steadyLoad } from '../steady-load.ts';

const UNIT = readFileSync(join(root, 'deploy/systemd/turnpike@.service'), 'utf8');

describe('two instances of the unit', () => {
  it('take over from each other without a lost request', { timeout: 60_000 }, async (context) => {
    const [port = 0, blue = 0, green = 0] = await freePorts(3);
    const directory = directoryWith(context, {
      'gateway.yaml': `listeners: { web: { address: "127.0.0.1:${port}" } }
admin: { address: "127.0.0.1:\${env:ADMIN_PORT}" }
runtime: { threads: 2, drainTimeout: 8s }
routes: { ping: { match: { path: / }, respond: { status: 200, body: pong } } }
`,
    });
    const old = instance(context, directory, blue);
    await old.says(/"message":"serving"/);
    await using load = steadyLoad(port, { clients: 8 });
    await load.answered(200);
    const next = instance(context, directory, green);
    await next.says(/"message":"serving"/);
    await load.answered(200);
    old.child.kill('SIGTERM');
    assert.equal((await old.ended).code, 0);
    await load.answered(200);
    const { failures, refusedConnections } = await load.stop();
    assert.deepEqual([failures, refusedConnections], [[], 0]);
    assert.equal((await fetch(`http://127.0.0.1:${green}/readyz`)).status, 200);
  });
});

/** What `systemctl start turnpike@PORT` runs, in a directory of the test. */
function instance(context: TestContext, directory: string, port: number): Running {
  const [, line = ''] = /^ExecStart=\S+ (.*)$/m.exec(UNIT) ?? [];
  const words = line.replaceAll('%i', String(port)).split(' ');
  const args = words.map((word) =>
    word
      .replace('/etc/turnpike', join(directory, 'gateway.yaml'))
      .replace('/var/lib/turnpike', join(directory, 'state')),
  );
  return startTurnpike(context, args, { env: { ADMIN_PORT: String(port) } });
}
