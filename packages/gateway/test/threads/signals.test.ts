import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, onSite, saying, until, withSlowService } from './fixture.ts';

const PROGRAM = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));

/** A line of the program log. */
interface Line {
  readonly message: string;
  readonly ports?: Readonly<Record<string, number>>;
}

/** Starts a gateway as a process, which handles signals when this resolves; `line` waits for a line of its log. */
async function launch(file: string) {
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const line = async (message: string): Promise<Line> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the process ended without "${message}"`);
      const found: Line = JSON.parse(value);
      if (found.message === message) return found;
    }
  };
  const { ports } = await line('serving');
  await line('listening for signals');
  return { child, exit, line, port: ports?.['web'] };
}

describe('a gateway as a process', () => {
  it('reloads at SIGHUP, and ends with 0 at SIGTERM', async () => {
    await onSite(saying('one'), async ({ file, write }) => {
      const { child, exit, line, port } = await launch(file);
      await write(saying('two'));
      child.kill('SIGHUP');
      await line('configuration applied');
      assert.equal((await ask(port, '/ping')).body, 'two');
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    });
  });

  it('is at the last good file after a storm of signals, most of them over broken ones', async () => {
    await onSite(saying('first'), async ({ file, write }) => {
      const { child, exit, line, port } = await launch(file);
      for (let i = 0; i < 300; i++) {
        const text = saying(`storm ${i}`, i % 3 === 1 ? { routes: { all: { service: 'nobody' } } } : {});
        // Also as careless programs do: cut off, and over the old one.
        if (i % 3 === 2) await writeFile(file, text.slice(0, i));
        else await write(text);
        child.kill('SIGHUP');
      }
      await write('{');
      child.kill('SIGHUP');
      await line('the new configuration has errors; the old one stays in use');
      await write(saying('last'));
      child.kill('SIGHUP');
      await until(async () => (await ask(port, '/ping')).body === 'last');
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    });
  });

  it('ends at once at the second signal', async () => {
    await withSlowService(async ({ url, arrival }) => {
      const sections = {
        services: { slow: { endpoints: [url] } },
        routes: { all: { match: { path: '/*' }, service: 'slow' } },
        runtime: { threads: 1, drainTimeout: '60s' },
      };
      await onSite(saying('', sections), async ({ file }) => {
        const { child, exit, line, port } = await launch(file);
        const answer = assert.rejects(ask(port, '/slow'));
        await arrival();
        child.kill('SIGTERM');
        await line('stopping');
        child.kill('SIGTERM');
        assert.deepEqual(await exit, [143, null]);
        await answer;
      });
    });
  });

  it('ends with 3 when it had to cut something', async () => {
    await withSlowService(async ({ url, arrival }) => {
      const sections = {
        services: { slow: { endpoints: [url] } },
        routes: { all: { match: { path: '/*' }, service: 'slow' } },
        runtime: { threads: 1, drainTimeout: '100ms' },
      };
      await onSite(saying('', sections), async ({ file }) => {
        const { child, exit, port } = await launch(file);
        const answer = assert.rejects(ask(port, '/slow'));
        await arrival();
        child.kill('SIGINT');
        assert.deepEqual(await exit, [3, null]);
        await answer;
      });
    });
  });
});
