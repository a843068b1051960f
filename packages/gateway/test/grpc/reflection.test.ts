// Server reflection, asked of real servers.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDescriptors } from '@turnpike/config/descriptors';
import { manualClock, testAuthority } from '@turnpike/testkit';
import type { DescriptorNews } from '../../src/core/desk.ts';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import { DescriptorDesk } from '../../src/threads/descriptor-desk.ts';
import { configOf, hearLog } from '../../src/threads/threads-testing.ts';
import { reflect } from '../../src/translate/grpc/reflection/reflect.ts';
import { grpcSchemaOf } from '../../src/translate/grpc/schema/grpc-schema.ts';
import { startReflectingServer } from './reflecting-server.ts';

const GET = '/turnpike.test.Library/Get';
const forever = new AbortController().signal;

function target(port: number) {
  return { host: '127.0.0.1', port, tls: null };
}

describe('server reflection', () => {
  for (const versions of [['v1', 'v1alpha'], ['v1alpha']] as const) {
    it(`is asked of a server with ${versions.join(' and ')}`, async () => {
      const server = await startReflectingServer({ versions });
      try {
        const first = await reflect(target(server.port), forever);
        const schema = grpcSchemaOf(openDescriptors(first.set))();
        const method = schema.method(GET) ?? assert.fail();
        assert.equal(schema.method('/turnpike.test.Library/Put')?.serverStreaming, true);
        const bytes = method.output.fromJson('{"name":"a","pages":"9007199254740993"}');
        assert.equal(method.output.toJson(bytes), '{"name":"a","pages":"9007199254740993"}');
        assert.equal((await reflect(target(server.port), forever)).digest, first.digest);
      } finally {
        server.close();
      }
    });
  }

  it('is asked over TLS, of who can prove to be it', async () => {
    const authority = testAuthority();
    const server = await startReflectingServer({
      tls: authority.issue({ names: ['127.0.0.1', 'localhost'] }),
    });
    try {
      const known = { ...PLAIN_UPSTREAM_TLS, authorities: authority.cert, serverName: 'localhost' };
      const { set } = await reflect({ ...target(server.port), tls: known }, forever);
      assert.equal(openDescriptors(set).services.length, 1);
      await assert.rejects(
        reflect({ ...target(server.port), tls: PLAIN_UPSTREAM_TLS }, forever),
        /certificate/,
      );
    } finally {
      server.close();
    }
  });

  it('says what is wrong', async () => {
    const without = await startReflectingServer({ versions: [] });
    await assert.rejects(reflect(target(without.port), forever), /does not offer server reflection/);
    without.close();
    await assert.rejects(reflect(target(without.port), forever), /ECONNREFUSED/);
  });

  it('ends when it is told to', async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const asked = reflect(target(port), AbortSignal.timeout(20));
    await assert.rejects(asked);
    silent.close();
  });

  it('takes no answer that is none', async () => {
    for (const answer of ['ffffffffff', '000000000161', '00000000020801']) {
      const server = createServer();
      server.on('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => {});
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(Buffer.from(answer, 'hex'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await assert.rejects(reflect(target((server.address() as AddressInfo).port), forever), answer);
      server.close();
    }
  });
});

describe('services that describe themselves', () => {
  const closers: (() => unknown)[] = [];
  after(async () => {
    for (const close of closers.toReversed()) await close();
  });

  /** A desk whose pauses end when the test says so. */
  async function newDesk(stateDirectory: string) {
    const log = hearLog();
    const clock = manualClock();
    const heard: (DescriptorNews | null)[] = [];
    const waiting: ((news: DescriptorNews | null) => void)[] = [];
    const pauses: { ms: number; end: () => void }[] = [];
    const desk = new DescriptorDesk({
      log,
      clock,
      stateDirectory,
      reflect,
      pause: (ms, signal) =>
        new Promise((resolve, reject) => {
          pauses.push({ ms, end: resolve });
          signal.addEventListener('abort', () => reject(new Error('woken')));
        }),
      discovered: () => null,
      publish: (_service, news) => {
        heard.push(news);
        for (const one of waiting.splice(0)) one(news);
      },
    });
    closers.push(() => desk.close());
    return {
      desk,
      clock,
      log,
      heard,
      pauses,
      next: () => new Promise<DescriptorNews | null>((resolve) => waiting.push(resolve)),
    };
  }

  function configWith(port: number, grpc: object | null = { reflection: true }) {
    const library = { endpoints: [`http://127.0.0.1:${port}`], ...(grpc !== null && { grpc }) };
    return configOf({ services: { library } });
  }

  async function newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-reflection-'));
    closers.push(() => rm(directory, { recursive: true }));
    return directory;
  }

  it('are asked, and what they say is kept for a start without them', async () => {
    const directory = await newDirectory();
    const server = await startReflectingServer();
    const { desk, next } = await newDesk(directory);
    const first = next();
    await desk.use(configWith(server.port));
    const news = (await first) ?? assert.fail();
    assert.equal(news.id, 'library');
    assert.equal(openDescriptors(news.set).services[0]?.typeName, 'turnpike.test.Library');
    assert.deepEqual(
      desk.status.map(({ from, problem, digest }) => ({ from, problem, digest })),
      [{ from: 'service', problem: '', digest: news.digest }],
    );
    await desk.close();
    server.close();

    const later = await newDesk(directory);
    await later.desk.use(configWith(server.port));
    assert.equal(later.heard[0]?.digest, news.digest);
    const { fields } = await later.log.heard('a service cannot be asked for its descriptors');
    assert.match(JSON.stringify(fields), /ECONNREFUSED/);
    assert.equal(later.desk.status[0]?.from, 'disk');
  });

  it('are forgotten with the configuration', async () => {
    const server = await startReflectingServer();
    const { desk, next, heard } = await newDesk(await newDirectory());
    const first = next();
    await desk.use(configWith(server.port));
    await first;
    await desk.use(configWith(server.port, null));
    assert.equal(heard.at(-1), null);
    assert.deepEqual(desk.status, []);
    server.close();
  });

  it('are asked again when somebody wants more, but not at once', async () => {
    const { desk, clock, pauses, log } = await newDesk(await newDirectory());
    const server = await startReflectingServer();
    server.close();
    await desk.use(configWith(server.port));
    await log.heard('a service cannot be asked for its descriptors');
    const retry = await untilPause(pauses, (ms) => ms <= 1000);
    const again = await startReflectingServer({ port: server.port });
    const known = log.heard('a service has described itself');
    clock.advance(retry.ms);
    retry.end();
    await known;
    await untilPause(pauses, (ms) => ms === 300_000);
    clock.advance(1000);
    desk.refresh('library');
    await untilPause(pauses, (ms) => ms === 9000);
    again.close();
  });

  it('are waited for by nobody', async () => {
    const { desk } = await newDesk(await newDirectory());
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    await desk.use(configWith((silent.address() as AddressInfo).port));
    assert.equal(desk.status[0]?.from, null);
    await desk.close();
    silent.close();
  });
});

/** The first pause of that length, as soon as there is one; the attempt's own limit is ten seconds to the millisecond. */
async function untilPause(
  pauses: readonly { ms: number; end: () => void }[],
  fits: (ms: number) => boolean,
): Promise<{ ms: number; end: () => void }> {
  for (;;) {
    const found = pauses.find(({ ms }) => ms !== 10_000 && fits(ms));
    if (found !== undefined) return found;
    await delay(1);
  }
}
