import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { assertEcs } from '../../src/observe/ecs-testing.ts';
import { decodeExport, plain, type DecodedLog } from '../../src/observe/otlp/otlp-testing.ts';
import { ask, onSite, saying, until } from '../threads/fixture.ts';

const ONE_THREAD = { threads: 1, drainTimeout: '5s' };

/** A configuration with these access logs. */
const logging = (accessLog: unknown, sections: object = {}) =>
  saying('pong', { telemetry: { accessLog }, runtime: ONE_THREAD, ...sections });

const linesOf = async (path: string) => (await readFile(path, 'utf8')).split('\n').slice(0, -1);

/** The lines of a log, as soon as there are so many. */
async function written(path: string, count: number): Promise<string[]> {
  await until(async () => (await linesOf(path)).length >= count);
  return linesOf(path);
}

describe('access logs', () => {
  it('go to several places at once, each in its form', async () => {
    const accessLog = [
      {
        to: 'a.json',
        fields: { tenant: '{header.x-tenant}', status: 'rule:response.status' },
      },
      { to: 'a.ecs', format: 'ecs', fields: { tenant: '{header.x-tenant}' } },
      { to: 'a.log', format: 'combined' },
    ];
    await onSite(logging(accessLog), async ({ start, directory, write }) => {
      const gateway = await start();
      const headers = { 'x-tenant': 'acme', 'user-agent': 'test/1' };
      await ask(gateway.ports.get('web'), '/ping?a=b', { headers });
      const [json] = await written(join(directory, 'a.json'), 1);
      const line = JSON.parse(json ?? '');
      assert.deepEqual([line.path, line.fields.tenant], ['/ping', 'acme']);
      assert.equal(line.fields.status, 200);
      const [ecs] = await written(join(directory, 'a.ecs'), 1);
      assertEcs(JSON.parse(ecs ?? ''));
      assert.deepEqual(JSON.parse(ecs ?? '').labels, { tenant: 'acme' });
      const [combined] = await written(join(directory, 'a.log'), 1);
      assert.match(combined ?? '', /^127\.0\.0\.1 - - \[.*\] "GET \/ping HTTP\/1\.1" 200 4 "-" "test\/1"$/);

      await write(logging([{ to: 'a.json', fields: { host: '{host}' } }]));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      await ask(gateway.ports.get('web'), '/ping', { headers });
      const [, second] = await written(join(directory, 'a.json'), 2);
      assert.deepEqual(JSON.parse(second ?? '').fields, { host: '127.0.0.1' });
      assert.equal((await linesOf(join(directory, 'a.ecs'))).length, 1);
    });
  });

  it('show nothing secret that nobody has asked for', async () => {
    const forms = ['json', 'ecs', 'common', 'combined'] as const;
    const accessLog = forms.map((format) => ({ to: `a.${format}`, format }));
    await onSite(logging(accessLog), async ({ start, directory }) => {
      const gateway = await start();
      const headers = {
        authorization: 'Bearer s3cret',
        cookie: 'sid=s3cret',
        'x-api-key': 's3cret-s3cret-s3cret',
        referer: 'https://ann:s3cret@a.example/?token=s3cret#s3cret',
      };
      for (const path of ['/ping?access_token=s3cret', '/none?code=s3cret'])
        await ask(gateway.ports.get('web'), path, { headers });
      for (const format of forms) {
        const lines = await written(join(directory, `a.${format}`), 2);
        assert.doesNotMatch(lines.join('\n'), /s3cret/);
      }
    });
  });

  it('leave out what is not sampled, and keep all errors', async () => {
    await onSite(logging({ to: 'a.log', sample: '0%', slow: '1h' }), async ({ start, directory }) => {
      const gateway = await start();
      for (const path of ['/ping', '/none', '/ping']) await ask(gateway.ports.get('web'), path);
      const [line, ...others] = await written(join(directory, 'a.log'), 1);
      assert.deepEqual(others, []);
      const { path, code, sampleRate } = JSON.parse(line ?? '');
      assert.deepEqual([path, code, sampleRate], ['/none', 'NO_ROUTE', 1]);
    });
  });

  it('are rotated while all threads write, and no line is lost', async () => {
    const accessLog = { to: 'a.log', rotate: { size: 4096, keep: 1000 } };
    const runtime = { threads: 2, drainTimeout: '5s' };
    await onSite(logging(accessLog, { runtime }), async ({ start, directory }) => {
      const gateway = await start();
      const isOld = (name: string): boolean => name.startsWith('a.log.') && name.endsWith('.gz');
      let asked = 0;
      await until(async () => {
        for (let i = 0; i < 20; i++) await ask(gateway.ports.get('web'), `/ping?${++asked}`);
        return (await readdir(directory)).filter(isOld).length >= 2;
      });
      await gateway.stop('SIGTERM');
      const names = await readdir(directory);
      const old = await Promise.all(
        names.filter((name) => name.startsWith('a.log.')).map((name) => readFile(join(directory, name))),
      );
      const texts = old.map((bytes) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
      const now = await readFile(join(directory, 'a.log'), 'utf8').catch(() => '');
      const ids = [...texts, now]
        .flatMap((text) => text.split('\n').slice(0, -1))
        .map((line) => JSON.parse(line).requestId);
      assert.equal(ids.length, asked);
      assert.equal(new Set(ids).size, asked);
    });
  });

  it('reach a collector as log records', async () => {
    const records: DecodedLog[] = [];
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      assert.equal(request.url, '/v1/logs');
      records.push(...decodeExport('logs', gunzipSync(Buffer.concat(chunks))).items);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    };
    const collector = createServer((request, response) => void take(request, response)).listen(
      0,
      '127.0.0.1',
    );
    await once(collector, 'listening');
    const otlp = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    try {
      const accessLog = { to: 'otlp', otlp, fields: { tenant: '{header.x-tenant}' } };
      await onSite(logging(accessLog), async ({ start }) => {
        const gateway = await start();
        await ask(gateway.ports.get('web'), '/ping', { headers: { 'x-tenant': 'acme' } });
        await until(async () => (await setImmediate(records.length)) > 0);
        const attributes = plain(records[0]?.attributes ?? []);
        assert.deepEqual(
          [attributes['url.path'], attributes['turnpike.route'], attributes['tenant']],
          ['/ping', 'ping', 'acme'],
        );
        await ask(gateway.ports.get('web'), '/none');
        await gateway.stop('SIGTERM');
        assert.equal(records.length, 2);
      });
    } finally {
      collector.closeAllConnections();
      collector.close();
    }
  });

  it('fail no request and hold little memory while the disk is full, the pipe is blocked and the collector is dead', async () => {
    await onSite(saying('pong'), async ({ start, write, directory }) => {
      const pipe = join(directory, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
      const accessLog = [
        { to: '/dev/full' },
        { to: 'pipe', format: 'ecs' },
        { to: 'otlp', otlp: 'http://127.0.0.1:1' },
      ];
      await write(logging(accessLog));
      const gateway = await start({ watch: false });
      const port = gateway.ports.get('web') ?? 0;
      const before = process.memoryUsage().rss;
      for (let connection = 0; connection < 2; connection++) assert.equal(await pipelined(port, 8000), 8000);
      const grownBytes = process.memoryUsage().rss - before;
      assert.ok(grownBytes < 300 * 2 ** 20, String(grownBytes));
      const metric = (body: string, name: string) =>
        Number(new RegExp(`^${name}.* (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
      await until(async () => {
        const { body } = await ask(gateway.adminPort, '/metrics');
        const full = metric(body, 'turnpike_telemetry_items_total\\{signal="logs",outcome="full"\\}');
        return metric(body, 'turnpike_access_log_dropped_total') > 1000 && full > 1000;
      });
      assert.equal((await ask(port, '/ping')).status, 200);
      closeSync(reader);
    });
  });

  it('keep a gateway from starting where they cannot be opened, and a later configuration from being used', async () => {
    await onSite(logging({ to: 'none/a.log' }), async ({ start, write, directory }) => {
      await assert.rejects(start(), /none\/a\.log/);
      await write(logging({ to: 'a.log' }));
      const gateway = await start({ watch: false });
      await write(logging({ to: 'none/a.log' }));
      assert.equal((await gateway.reload('test')).kind, 'failed');
      await ask(gateway.ports.get('web'), '/ping');
      assert.equal((await written(join(directory, 'a.log'), 1)).length, 1);
    });
  });
});

/** Sends so many requests with long paths on one connection, and gives how many were answered with a 200 or our 404. */
async function pipelined(port: number, count: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const request = `GET /ping/${'x'.repeat(1500)} HTTP/1.1\r\nHost: a\r\n\r\n`;
  let [sent, answered, rest] = [0, 0, ''];
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('HTTP/1.1 404');
    answered += parts.length - 1;
    rest = (parts.at(-1) ?? '').slice(-11);
    if (answered === count) socket.end();
    else if (sent < count && sent - answered < 50) send();
  });
  const send = (): void => {
    const batch = Math.min(100, count - sent);
    sent += batch;
    socket.write(request.repeat(batch));
  };
  send();
  await once(socket, 'close');
  return answered;
}
