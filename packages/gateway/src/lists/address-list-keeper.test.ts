import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { AddressListConfig } from '@turnpike/config';
import { blockOf } from '../core/addresses/addresses-testing.ts';
import { AddressListKeeper } from './address-list-keeper.ts';
import { isIn, listDesk, type ListDesk } from './lists-testing.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-lists-'));
after(() => rm(root, { recursive: true }));
let directories = 0;

const origin = { file: 'gateway.yaml', line: 1, column: 1 };
const URL = 'https://lists.example.com/cloud.txt?key=secret';

function inPlace(id: string, ...blocks: readonly string[]): AddressListConfig {
  return { id, origin, kind: 'addresses', addresses: blocks.map(blockOf) };
}

function fromUrl(id: string, changes: { url?: string; refreshMs?: number } = {}): AddressListConfig {
  return { id, origin, kind: 'url', url: URL, refreshMs: 3_600_000, ...changes };
}

function fromFile(id: string, path: string): AddressListConfig {
  return { id, origin, kind: 'file', path };
}

interface Site extends ListDesk {
  readonly keeper: AddressListKeeper;
  readonly directory: string;
  /** `entries problem` of the first list. */
  readonly state: () => string;
}

/** Runs a test with a keeper whose copies are in `directory`, and closes it. */
async function keeping(
  test: (site: Site) => Promise<void>,
  directory: string = join(root, String(++directories)),
): Promise<void> {
  const desk = listDesk(join(directory, 'lists'));
  const keeper = new AddressListKeeper(desk.ports);
  const state = () => {
    const [first] = keeper.status();
    return first === undefined ? 'none' : `${first.entries} ${first.problem}`.trimEnd();
  };
  try {
    await test({ ...desk, keeper, directory, state });
  } finally {
    await keeper.close();
  }
  assert.equal(desk.watches(), 0);
}

function text(text: string, etag: string | null = null) {
  return { kind: 'text', text, etag, lastModified: null } as const;
}

describe('lists in place', () => {
  it('are published at once, and again only when they have changed', async () => {
    await keeping(async ({ keeper, news }) => {
      await keeper.use([inPlace('office', '10.0.0.0/8'), inPlace('none')]);
      const office = await news.next();
      assert.equal(office.id, 'office');
      assert.ok(isIn(office, '10.1.1.1'));
      assert.equal((await news.next()).id, 'none');
      await keeper.use([
        { ...inPlace('office', '10.0.0.0/8'), origin: { ...origin, line: 9 } },
        inPlace('none'),
      ]);
      assert.ok(news.isEmpty);
      await keeper.use([inPlace('office', '::1')]);
      assert.ok(isIn(await news.next(), '::1'));
      assert.ok(news.isEmpty);
    });
  });

  it('have a status in the order of the configuration', async () => {
    await keeping(async ({ keeper, clock }) => {
      await keeper.use([inPlace('b', '::1', '::2'), inPlace('a')]);
      const loadedAtMs = clock.epoch();
      assert.deepEqual(keeper.status(), [
        { id: 'b', kind: 'addresses', entries: 2, loadedAtMs, problem: '' },
        { id: 'a', kind: 'addresses', entries: 0, loadedAtMs, problem: '' },
      ]);
    });
  });

  it('end up as the last configuration says, however fast it changes', async () => {
    await keeping(async ({ keeper, news }) => {
      const changes = [fromUrl('x'), inPlace('x', '10.0.0.1'), inPlace('x', '10.0.0.2')];
      await Promise.all(changes.map((config) => keeper.use([config])));
      let last = await news.next();
      while (!news.isEmpty) last = await news.next();
      assert.ok(isIn(last, '10.0.0.2'));
    });
  });
});

describe('lists from URLs', () => {
  it('are not waited for, and asked for at once and then every refresh, give or take', async () => {
    await keeping(async ({ keeper, asked, news, waiting }) => {
      await keeper.use([fromUrl('cloud')]);
      const first = await asked.next();
      assert.equal(first.url, URL);
      assert.deepEqual([first.etag, first.lastModified, first.maxBytes], [null, null, 32 * 1024 * 1024]);
      first.answer({ ...text('10.0.0.0/8', '"1"'), lastModified: 'Mon, 06 Jul 2026 08:00:00 GMT' });
      assert.ok(isIn(await news.next(), '10.1.1.1'));
      const pause = await waiting.next();
      assert.ok(pause.ms >= 3_240_000 && pause.ms <= 3_960_000);
      pause.end();
      const second = await asked.next();
      assert.deepEqual([second.etag, second.lastModified], ['"1"', 'Mon, 06 Jul 2026 08:00:00 GMT']);
    });
  });

  it('are not published again when they are the same, and count as loaded now', async () => {
    await keeping(async ({ keeper, asked, news, waiting, clock }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8'));
      await news.next();
      for (const answer of [{ kind: 'same' } as const, text('10.0.0.0/8')]) {
        clock.advance(1000);
        (await waiting.next()).end();
        (await asked.next()).answer(answer);
      }
      await waiting.next();
      assert.ok(news.isEmpty);
      assert.equal(keeper.status()[0]?.loadedAtMs, clock.epoch());
    });
  });

  it('are asked for with growing pauses while they fail, and what was good stays', async () => {
    await keeping(async ({ keeper, asked, news, waiting, log, state }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8'));
      await news.next();
      for (const most of [1000, 2000, 4000]) {
        (await waiting.next()).end();
        (await asked.next()).fail('connect ECONNREFUSED');
        const pause = await waiting.next();
        assert.ok(pause.ms >= most / 2 && pause.ms <= most, String(pause.ms));
        waiting.push(pause);
        assert.equal(state(), '1 connect ECONNREFUSED');
      }
      assert.equal(log.entries.filter(({ level }) => level === 'warn').length, 1);
      (await waiting.next()).end();
      (await asked.next()).answer({ kind: 'same' });
      assert.ok((await waiting.next()).ms > 3_000_000);
      assert.equal(state(), '1');
      assert.ok(news.isEmpty);
    });
  });

  it('are not believed when they are broken or have become empty, and are asked for without their ETag', async () => {
    await keeping(async ({ keeper, asked, news, waiting, state }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8\n10.0.0.0/8', '"good"'));
      await news.next();
      for (const [body, problem] of [
        ['<html>', 'it has neither an address nor a block in line 1'],
        ['', 'it has no addresses any more'],
        ['# sorry', 'it has no addresses any more'],
      ] as const) {
        (await waiting.next()).end();
        const ask = await asked.next();
        assert.equal(ask.etag, '"good"');
        ask.answer(text(body, '"bad"'));
        const pause = await waiting.next();
        assert.equal(state(), `2 ${problem}`);
        waiting.push(pause);
      }
      assert.ok(news.isEmpty);
      (await waiting.next()).end();
      (await asked.next()).answer(text('[]'));
      assert.equal(isIn(await news.next(), '10.0.0.1'), false);
      assert.equal(state(), '0');
    });
  });

  it('may be empty from the start, but not broken', async () => {
    await keeping(async ({ keeper, asked, news, waiting, state }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('oops'));
      (await waiting.next()).end();
      assert.equal(state(), '0 it has neither an address nor a block in line 1');
      assert.ok(news.isEmpty);
      (await asked.next()).answer(text('# nobody yet\n'));
      await news.next();
      assert.equal(state(), '0');
    });
  });

  it('come from their copy when nobody answers at the start, and are asked for with its ETag', async () => {
    const directory = join(root, String(++directories));
    await keeping(async ({ keeper, asked, waiting }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8\r\n# \u00e9', '"1"'));
      await waiting.next();
    }, directory);
    const copy = join(directory, 'lists', 'cloud.txt');
    assert.equal((await stat(copy)).mode & 0o777, 0o600);
    assert.doesNotMatch(await readFile(copy, 'utf8'), /secret/);
    assert.deepEqual(await readdir(join(directory, 'lists')), ['cloud.txt']);
    await keeping(async ({ keeper, asked, news, waiting, clock, state }) => {
      const loadedAtMs = clock.epoch();
      clock.advance(3_600_000);
      await keeper.use([fromUrl('cloud')]);
      assert.ok(isIn(await news.next(), '10.1.1.1'));
      assert.equal(keeper.status()[0]?.loadedAtMs, loadedAtMs);
      const ask = await asked.next();
      assert.equal(ask.etag, '"1"');
      ask.fail('down');
      await waiting.next();
      assert.equal(state(), '1 down');
    }, directory);
  });

  it('have no use for a copy that is damaged or of another URL', async () => {
    const directory = join(root, String(++directories));
    const copy = join(directory, 'lists', 'cloud.txt');
    await keeping(async ({ keeper, asked, waiting }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8', '"1"'));
      await waiting.next();
    }, directory);
    await keeping(async ({ keeper, asked, news }) => {
      await keeper.use([fromUrl('cloud', { url: `${URL}&other` })]);
      assert.equal((await asked.next()).etag, null);
      assert.ok(news.isEmpty);
    }, directory);
    const whole = await readFile(copy, 'utf8');
    for (const damaged of ['', whole.slice(0, 20), whole.replace('10.0.0.0/8', '10.0.0.'), whole.slice(2)]) {
      await writeFile(copy, damaged);
      await keeping(async ({ keeper, asked, news }) => {
        await keeper.use([fromUrl('cloud')]);
        assert.equal((await asked.next()).etag, null);
        assert.ok(news.isEmpty);
      }, directory);
    }
  });

  it('serve as well where no copy can be written, and say so once', async () => {
    const file = join(root, String(++directories));
    await writeFile(file, 'not a directory');
    await keeping(async ({ keeper, asked, news, waiting, log }) => {
      await keeper.use([fromUrl('cloud')]);
      for (const body of ['10.0.0.1', '10.0.0.2']) {
        (await asked.next()).answer(text(body));
        assert.ok(isIn(await news.next(), body));
        (await waiting.next()).end();
      }
      await asked.next();
      const complaints = log.entries.filter(({ message }) => /could not be saved/.test(message));
      assert.equal(complaints.length, 1);
    }, file);
  });

  it('keep what they had until another URL has given something', async () => {
    await keeping(async ({ keeper, asked, news, state }) => {
      await keeper.use([fromUrl('cloud')]);
      (await asked.next()).answer(text('10.0.0.0/8', '"1"'));
      await news.next();
      await keeper.use([fromUrl('cloud', { url: `${URL}&other` })]);
      const ask = await asked.next();
      assert.equal(ask.etag, null);
      assert.equal(state(), '1');
      ask.answer(text('10.0.0.1\n10.0.0.2'));
      await news.next();
      assert.equal(state(), '2');
    });
  });

  it('are left alone once they are not configured any more, even in the middle of an answer', async () => {
    await keeping(async ({ keeper, asked, news }) => {
      await keeper.use([fromUrl('cloud')]);
      const ask = await asked.next();
      await keeper.use([]);
      assert.equal(ask.signal.aborted, true);
      ask.answer(text('10.0.0.0/8'));
      assert.deepEqual(keeper.status(), []);
      assert.ok(news.isEmpty && asked.isEmpty);
    });
  });
});

describe('lists in files', () => {
  it('are waited for at the start, and read again when they have changed', async () => {
    await keeping(async ({ keeper, directory, news, changed, state }) => {
      const path = `${directory}.txt`;
      await writeFile(path, '10.0.0.0/8');
      await keeper.use([fromFile('abusers', path)]);
      assert.equal(state(), '1');
      assert.ok(isIn(await news.next(), '10.1.1.1'));
      await writeFile(path, '10.0.0.0/8\n::1\n');
      changed();
      assert.ok(isIn(await news.next(), '::1'));
      assert.equal(state(), '2');
    });
  });

  it('keep what they had when their file is broken, empty or gone', async () => {
    await keeping(async ({ keeper, directory, news, changed, log, state }) => {
      const path = `${directory}.txt`;
      await writeFile(path, '10.0.0.0/8');
      await keeper.use([fromFile('abusers', path)]);
      await news.next();
      for (const [index, spoil] of [
        () => writeFile(path, '10.0.0.0/8\nx'),
        () => writeFile(path, ''),
        () => rm(path),
        () => writeFile(path, Buffer.alloc(32 * 1024 * 1024 + 1, ' ')),
      ].entries()) {
        await spoil();
        changed();
        const { fields } = await log.heard('an address list could not be loaded', index + 1);
        assert.deepEqual({ ...fields, problem: '' }, { list: 'abusers', problem: '', kept: 1 });
        assert.match(
          state(),
          [/^1 .*line 2$/, /^1 .*no addresses/, /^1 ENOENT/, /^1 .*more than \d+ bytes$/][index] ?? /-/,
        );
      }
      assert.ok(news.isEmpty);
      await writeFile(path, '::1');
      changed();
      assert.ok(isIn(await news.next(), '::1'));
      assert.equal(state(), '1');
    });
  });

  it('may be missing at the start', async () => {
    await keeping(async ({ keeper, directory, news, changed, state }) => {
      const path = `${directory}.txt`;
      await keeper.use([fromFile('abusers', path)]);
      assert.match(state(), /^0 ENOENT/);
      assert.ok(news.isEmpty);
      await writeFile(path, '::1');
      changed();
      assert.ok(isIn(await news.next(), '::1'));
    });
  });

  it('are not read again once they are not configured any more', async () => {
    await keeping(async ({ keeper, directory, watches }) => {
      const path = `${directory}.txt`;
      await writeFile(path, '::1');
      await keeper.use([fromFile('abusers', path), fromFile('others', path)]);
      assert.equal(watches(), 2);
      await keeper.use([fromFile('others', path)]);
      assert.equal(watches(), 1);
    });
  });

  it('are no longer watched when they are replaced before they were read', async () => {
    await keeping(async ({ keeper, directory }) => {
      const path = `${directory}.txt`;
      await writeFile(path, '::1');
      const uses = [
        keeper.use([fromFile('x', path)]),
        keeper.use([fromFile('x', `${path}2`)]),
        keeper.close(),
      ];
      await Promise.all(uses);
    });
  });
});
