import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { AddressListConfig } from '@turnpike/config';
import { within } from '@turnpike/testkit';
import { fetchText } from '../../src/identity/http/fetch-text.ts';
import { HttpClient } from '../../src/identity/http/http-client.ts';
import { AddressListKeeper } from '../../src/lists/address-list-keeper.ts';
import { isIn, listDesk, type Arrivals, type ListDesk } from '../../src/lists/lists-testing.ts';
import { watchFiles } from '../../src/threads/watch-files.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-address-lists-'));
after(() => rm(root, { recursive: true }));
let directories = 0;

async function newDirectory(): Promise<string> {
  const path = join(root, String(++directories));
  await mkdir(path);
  return path;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers as it is told to at the moment, and tells of each request which version it asked for. */
async function listServer(use: (server: { url: string; answer: Answer; asked: string[] }) => Promise<void>) {
  const site = { url: '', answer: (() => assert.fail()) as Answer, asked: [] as string[] };
  const server = createServer((request, response) => {
    site.asked.push(request.headers['if-none-match'] ?? 'any');
    site.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`;
  try {
    await use(site);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Gives a text with an ETag, or 304 to who has it. */
function giving(text: string, etag: string): Answer {
  return (request, response) => {
    const hasIt = request.headers['if-none-match'] === etag;
    response.writeHead(hasIt ? 304 : 200, { etag }).end(hasIt ? '' : text);
  };
}

const breakOff: Answer = (request) => void request.socket.destroy();

/** Gives a good line, and then nothing of what should follow. */
const cutOff: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': 99 });
  response.write('10.9.9.9\n', () => request.socket.destroy());
};

/** Runs a test with a keeper over real sockets and a real watch; only its pauses end when the test says so. */
async function keeping(
  directory: string,
  test: (site: ListDesk & { keeper: AddressListKeeper }) => Promise<void>,
): Promise<void> {
  const desk = listDesk(directory);
  const http = new HttpClient();
  const keeper = new AddressListKeeper({
    ...desk.ports,
    watchFiles,
    fetchText: (url, options) => fetchText(http, url, options),
  });
  try {
    await test({ ...desk, keeper });
  } finally {
    await keeper.close();
    await http.close();
  }
}

const origin = { file: 'gateway.yaml', line: 1, column: 1 };

function fromUrl(url: string): AddressListConfig[] {
  return [{ id: 'cloud', origin, kind: 'url', url, refreshMs: 60_000 }];
}

function fromFile(path: string): AddressListConfig[] {
  return [{ id: 'abusers', origin, kind: 'file', path }];
}

function next<T>(arrivals: Arrivals<T>): Promise<T> {
  return within(arrivals.next(), 'what the keeper does next');
}

describe('a list from a server', () => {
  it('is fetched, found to be the same by its ETag, and fetched again when it has changed', async () => {
    await listServer(async (server) => {
      await keeping(await newDirectory(), async ({ keeper, news, waiting }) => {
        server.answer = giving('10.0.0.0/8\n', '"1"');
        await keeper.use(fromUrl(server.url));
        assert.ok(isIn(await next(news), '10.1.1.1'));
        (await next(waiting)).end();
        const pause = await next(waiting);
        assert.ok(news.isEmpty);
        server.answer = giving('2001:db8::/32\n', '"2"');
        pause.end();
        assert.ok(isIn(await next(news), '2001:db8::1'));
        assert.deepEqual(server.asked, ['any', '"1"', '"1"']);
      });
    });
  });

  it('stays as it was through every kind of outage, and is fresh again afterwards', async () => {
    await listServer(async (server) => {
      await keeping(await newDirectory(), async ({ keeper, news, waiting }) => {
        server.answer = giving('10.0.0.0/8\n', '"1"');
        await keeper.use(fromUrl(server.url));
        await next(news);
        let pause = await next(waiting);
        const outages: readonly (readonly [answer: Answer, problem: RegExp])[] = [
          [breakOff, /./],
          [(_, response) => response.writeHead(500).end('10.9.9.9'), /500/],
          [(_, response) => response.writeHead(302, { location: '/other' }).end(), /302/],
          [(_, response) => response.end('<html>sign in</html>'), /line 1/],
          [(_, response) => response.end(), /no addresses/],
          [cutOff, /./],
          [(_, response) => response.end(Buffer.alloc(32 * 1024 * 1024 + 1, '10.9.9.9\n')), /./],
        ];
        for (const [answer, problem] of outages) {
          server.answer = answer;
          pause.end();
          pause = await next(waiting);
          const [status] = keeper.status();
          assert.match(status?.problem ?? '', problem);
          assert.equal(status?.entries, 1);
        }
        assert.ok(news.isEmpty);
        server.answer = giving('10.0.0.0/8\n::1\n', '"2"');
        pause.end();
        assert.ok(isIn(await next(news), '::1'));
        assert.equal(keeper.status()[0]?.problem, '');
        assert.ok(server.asked.slice(1).every((etag) => etag === '"1"'));
      });
    });
  });

  it('is there after a restart in the middle of an outage', async () => {
    const directory = await newDirectory();
    await listServer(async (server) => {
      await keeping(directory, async ({ keeper, waiting }) => {
        server.answer = giving('10.0.0.0/8\n', '"1"');
        await keeper.use(fromUrl(server.url));
        await next(waiting);
      });
      await keeping(directory, async ({ keeper, news, waiting }) => {
        server.answer = breakOff;
        await keeper.use(fromUrl(server.url));
        assert.ok(isIn(await next(news), '10.1.1.1'));
        const pause = await next(waiting);
        assert.notEqual(keeper.status()[0]?.problem, '');
        server.answer = giving('10.0.0.0/8\n', '"1"');
        pause.end();
        await next(waiting);
        assert.equal(keeper.status()[0]?.problem, '');
        assert.equal(server.asked.at(-1), '"1"');
        assert.ok(news.isEmpty);
      });
    });
  });

  it('is not waited for when its server is silent, neither at the start nor at the end', async () => {
    await listServer(async (server) => {
      await keeping(await newDirectory(), async ({ keeper, news }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        server.answer = () => resolve();
        await keeper.use(fromUrl(server.url));
        await within(promise, 'a request');
        assert.equal(keeper.status()[0]?.loadedAtMs, 0);
        await within(keeper.close(), 'the end');
        assert.ok(news.isEmpty);
      });
    });
  });
});

describe('a list in a file', () => {
  it('is read again when the file is replaced by renaming, and when it is written in place', async () => {
    const path = join(await newDirectory(), 'abusers.txt');
    await writeFile(path, '10.0.0.0/8');
    await keeping(root, async ({ keeper, news }) => {
      await keeper.use(fromFile(path));
      assert.ok(isIn(await next(news), '10.1.1.1'));
      for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1']) {
        await writeFile(`${path}.new`, `# replaced\n${address}\n`);
        await rename(`${path}.new`, path);
        assert.ok(isIn(await next(news), address));
      }
      await writeFile(path, '192.0.2.3');
      assert.ok(isIn(await next(news), '192.0.2.3'));
    });
  });

  it('stays as it was when the file is spoilt or goes, and is read when it comes back', async () => {
    const path = join(await newDirectory(), 'abusers.txt');
    await writeFile(path, '10.0.0.0/8');
    await keeping(root, async ({ keeper, news, log }) => {
      await keeper.use(fromFile(path));
      await next(news);
      for (const [index, spoil] of [() => writeFile(path, 'oops'), () => rm(path)].entries()) {
        await spoil();
        await within(log.heard('an address list could not be loaded', index + 1), 'a complaint');
        assert.equal(keeper.status()[0]?.entries, 1);
      }
      assert.ok(news.isEmpty);
      await writeFile(path, '192.0.2.1');
      assert.ok(isIn(await next(news), '192.0.2.1'));
    });
  });

  it('is read again when Kubernetes swaps the directory under it', async () => {
    const directory = await newDirectory();
    const put = async (version: number, text: string): Promise<void> => {
      await mkdir(join(directory, `..${version}`));
      await writeFile(join(directory, `..${version}`, 'abusers.txt'), text);
      await symlink(`..${version}`, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await put(0, '10.0.0.0');
    await symlink('..data/abusers.txt', join(directory, 'abusers.txt'));
    await keeping(root, async ({ keeper, news }) => {
      await keeper.use(fromFile(join(directory, 'abusers.txt')));
      assert.ok(isIn(await next(news), '10.0.0.0'));
      for (const version of [1, 2, 3]) {
        await put(version, `10.0.0.${version}`);
        assert.ok(isIn(await next(news), `10.0.0.${version}`));
      }
    });
  });
});
