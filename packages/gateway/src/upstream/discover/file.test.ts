import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readEndpointFile } from '@turnpike/config/load';
import { eventually } from '@turnpike/testkit';
import { watchFiles } from '../../threads/watch-files.ts';
import { manualTime, sourcePorts, type ManualTime } from './discover-testing.ts';
import type { SourcePorts } from './endpoint-source.ts';
import { fileOpener } from './file.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-endpoint-file-'));
after(() => rm(root, { recursive: true }));
let files = 0;

interface Site {
  readonly path: string;
  /** What was told: hosts, or `! problem`. */
  readonly told: string[];
  readonly next: (told: string | RegExp) => Promise<void>;
  readonly refresh: () => void;
  readonly time: ManualTime;
}

async function reading(
  text: string | null,
  test: (site: Site) => Promise<void>,
  watch?: SourcePorts['watch'],
): Promise<void> {
  const path = join(root, `${++files}.yaml`);
  if (text !== null) await writeFile(path, text);
  const told: string[] = [];
  const time = manualTime();
  const ports = sourcePorts(time);
  const events = {
    found: (endpoints: readonly { host: string }[]) =>
      void told.push(endpoints.map(({ host }) => host).join(' ')),
    failed: (problem: string) => void told.push(`! ${problem}`),
  };
  const source = fileOpener(readEndpointFile)({ kind: 'file', path }, events, {
    ...ports,
    watch: watch ?? ports.watch,
  });
  const next = async (expected: string | RegExp): Promise<void> => {
    await eventually(() => told.length > 0, `${expected} is told`);
    const first = told.shift() ?? '';
    if (typeof expected === 'string') assert.equal(first, expected);
    else assert.match(first, expected);
  };
  try {
    await test({ path, told, next, refresh: () => source.refresh(), time });
  } finally {
    await source.close();
  }
  assert.deepEqual(told, []);
}

/** Whoever reads meanwhile gets the old text or the new one. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

describe('a file of endpoints', () => {
  it('is told at once, and again when it says something else', async () => {
    await reading('[http://a]', async ({ path, next, refresh }) => {
      await next('a');
      refresh();
      await replace(path, '[http://a, http://b]');
      refresh();
      await next('a b');
    });
  });

  it('that breaks is a problem with its line, and works again when it is mended', async () => {
    await reading('[http://a]', async ({ path, next, refresh }) => {
      await next('a');
      await replace(path, '- http://a\n- b');
      refresh();
      await next(/^! line 2: the endpoint has no scheme/);
      await replace(path, '[http://a]');
      refresh();
      await next('a');
      await rm(path);
      refresh();
      await next(/^! ENOENT/);
      await replace(path, '[http://a]');
      refresh();
      await next('a');
    });
  });

  it('that names some no more is believed once it has said so for a second', async () => {
    await reading('- http://a\n- http://b\n- http://c\n', async ({ path, next, refresh, time }) => {
      await next('a b c');
      // Cut between two lines by somebody who is still writing: what is new comes, and nobody goes.
      await writeFile(path, '- http://d\n- http://a\n');
      refresh();
      await next('d a b c');
      await time.advance(900);
      await writeFile(path, '- http://d\n- http://a\n- http://b\n');
      refresh();
      await next('d a b c');
      await time.advance(900);
      assert.deepEqual(time.waits, [100]);
      await time.advance(100);
      await next('d a b');
    });
  });

  it('that is mended within that second, or breaks, loses nothing', async () => {
    await reading('- http://a\n- http://b\n', async ({ path, next, refresh, time }) => {
      await next('a b');
      await replace(path, '- http://a\n');
      refresh();
      await next('a b');
      await replace(path, '- http://a\n- htt');
      refresh();
      await next(/^! line 2/);
      await time.advance(1000);
      await replace(path, '- http://a\n- http://b\n');
      refresh();
      await next('a b');
    });
  });

  it('that is missing is a problem', async () => {
    await reading(null, async ({ next }) => next(/^! ENOENT/));
  });

  it('that is too large is a problem', async () => {
    await reading(`# ${'x'.repeat(8 * 1024 * 1024)}`, async ({ next }) => next(/^! the file has more than/));
  });

  it('that is a pipe is a problem, and nobody waits for it', async () => {
    await reading('[http://a]', async ({ path, next, refresh }) => {
      await next('a');
      await rm(path);
      execFileSync('mkfifo', [path]);
      refresh();
      await next('! it is no file');
    });
  });

  it('is read although it cannot be watched', async () => {
    const watch = () => Promise.reject(new Error('no more watches'));
    await reading('[http://a]', async ({ next }) => next('a'), watch);
  });

  it('is seen to change on a real disk, also when it is replaced', async () => {
    const { log } = sourcePorts();
    const watch: SourcePorts['watch'] = async (paths, onChange) => {
      const watcher = watchFiles(onChange, log);
      await watcher.update(paths);
      return watcher;
    };
    await reading(
      '[http://a]',
      async ({ path, next, time }) => {
        await next('a');
        await replace(path, '[http://b]');
        await next('b a');
        await time.advance(1000);
        await next('b');
        await replace(path, '[http://c]');
        await next('c b');
      },
      watch,
    );
  });
});
