import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get as getHttps } from 'node:https';
import { once } from 'node:events';
import { createServer, get as getHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually, startPlane, testAuthority, within, type Plane } from '@turnpike/testkit';

/** A client of a stream, and the other end of it. */
interface Stream {
  readonly response: IncomingMessage;
  readonly service: ServerResponse;
  /** What the client has read so far. */
  text(): string;
  /** Resolves when the client has read that. */
  reads(text: string): Promise<void>;
  /** Resolves with whether the end was as the framing says. */
  ended(): Promise<boolean>;
}

interface Rig {
  readonly plane: Plane;
  readonly document: object;
  open(options?: object): Promise<Stream>;
}

interface Plan {
  readonly policies?: object;
  readonly service?: object;
  readonly listener?: object;
  readonly ca?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the route. */
  readonly translate?: object;
}

const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8' };

async function rigOf(t: TestContext, plan: Plan = {}): Promise<Rig> {
  const { policies = {}, service = {}, listener = {}, ca, headers = EVENTS, translate } = plan;
  const streams: ServerResponse[] = [];
  let arrived = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => {
    response.writeHead(200, headers);
    response.flushHeaders();
    streams.push(response);
    arrived.resolve(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const document = {
    listeners: { web: { address: '127.0.0.1:0', ...listener } },
    services: { events: { endpoints: [`http://127.0.0.1:${port}`], ...service } },
    routes: {
      events: { match: { path: '/*' }, service: 'events', policies, ...(translate && { translate }) },
    },
  };
  const plane = await startPlane(document);
  t.after(() => plane.close());
  return {
    plane,
    document,
    async open(options = {}) {
      arrived = Promise.withResolvers();
      const where = { host: '127.0.0.1', port: plane.port, path: '/', agent: false, ...options };
      const request = ca === undefined ? getHttp(where) : getHttps({ ...where, ca, servername: 'localhost' });
      request.on('error', () => {});
      t.after(() => request.destroy());
      const [response] = (await within(once(request, 'response'), 'the head')) as [IncomingMessage];
      let text = '';
      let isClosed = false;
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => {}).on('close', () => (isClosed = true));
      return {
        response,
        service: await arrived.promise,
        text: () => text,
        reads: (wanted) => eventually(() => text.includes(wanted), `${JSON.stringify(wanted)} in the stream`),
        async ended() {
          await eventually(() => isClosed, 'the end of the stream');
          return response.complete;
        },
      };
    },
  };
}

describe('a stream of events', () => {
  it('goes on piece by piece, each at once', async (t) => {
    const { response, service, reads } = await (await rigOf(t)).open();
    assert.equal(response.headers['x-accel-buffering'], 'no');
    // Each is sent only when the one before has arrived.
    for (const piece of ['data: 1\n\n', 'data: ', '2', '\n\n', ': comment\n\n', 'x'.repeat(3000)]) {
      service.write(piece);
      await reads(piece);
    }
    service.end();
  });

  it('goes on at once through TLS as well', async (t) => {
    const authority = testAuthority();
    const { cert, key } = authority.issue({ names: ['localhost'] });
    const folder = await mkdtemp(join(tmpdir(), 'turnpike-events-'));
    t.after(() => rm(folder, { recursive: true }));
    const [certificate, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await Promise.all([writeFile(certificate, cert), writeFile(keyFile, key)]);
    const listener = { tls: { certificates: [{ certificate, key: keyFile }] } };
    const { service, reads } = await (await rigOf(t, { listener, ca: authority.cert })).open();
    for (let event = 0; event < 20; event++) {
      service.write(`data: ${event}\n\n`);
      await reads(`data: ${event}\n\n`);
    }
    service.end();
  });

  it('is one behind the proxy of an MCP server as well', async (t) => {
    const policies = { eventStream: { heartbeat: '1s', idleTimeout: '2s' } };
    const rig = await rigOf(t, { policies, translate: { mcp: {} } });
    const stream = await rig.open({ headers: { accept: 'text/event-stream' } });
    stream.service.write('data: 1\n\n');
    await stream.reads('data: 1\n\n');
    assert.equal(stream.response.headers['x-accel-buffering'], 'no');
    await stream.ended();
    assert.match(stream.text(), /^data: 1\n\n:/, 'it was kept alive before it was silent for too long');
  });

  it('is not cut by the time of its route once its head has come, other replies are', async (t) => {
    const rig = await rigOf(t, { policies: { timeout: '200ms' } });
    const stream = await rig.open();
    const other = await rigOf(t, {
      policies: { timeout: '200ms' },
      headers: { 'content-type': 'text/plain' },
    });
    const plain = await other.open();
    plain.service.write('begun');
    assert.equal(await plain.ended(), false);
    stream.service.write('data: late\n\n');
    await stream.reads('data: late\n\n');
    stream.service.end();
    assert.equal(await stream.ended(), true);
  });

  it('is cut by the time of its caller', async (t) => {
    const rig = await rigOf(t, { policies: { timeout: '100ms', deadline: { header: 'x-wait' } } });
    const stream = await rig.open({ headers: { 'x-wait': '400' } });
    assert.equal(await stream.ended(), false);
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['code'], 'DEADLINE_EXCEEDED');
    assert.ok(Number(line?.['durationMs']) >= 380);
  });

  it('is cut when the service is silent for longer than that may be', async (t) => {
    const rig = await rigOf(t, { service: { timeouts: { idle: '100ms' } } });
    const stream = await rig.open();
    assert.equal(await stream.ended(), false);
  });

  it('ends without harm when the service is silent for longer than the route allows', async (t) => {
    const rig = await rigOf(t, { policies: { eventStream: { idleTimeout: '150ms' } } });
    const stream = await rig.open();
    stream.service.write('data: 1\n\n');
    assert.equal(await stream.ended(), true);
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['closed'], 'idle');
  });

  it('is kept alive with comments between events, and never within one', async (t) => {
    const rig = await rigOf(t, { policies: { eventStream: { heartbeat: '50ms' } } });
    const stream = await rig.open();
    await stream.reads(':\n\n:\n\n');
    stream.service.write('data: begun\n');
    await stream.reads('data: begun\n');
    const { length } = stream.text();
    // What another one gets meanwhile says how much time has passed.
    const other = await rig.open();
    await other.reads(':\n\n:\n\n:\n\n');
    other.service.end();
    assert.equal(stream.text().length, length);
    stream.service.write('\n');
    await stream.reads('data: begun\n\n:\n\n');
    stream.service.end();
    assert.equal(await stream.ended(), true);
  });

  it('ends after the event under way when the gateway stops', async (t) => {
    const rig = await rigOf(t);
    const [idle, busy] = [await rig.open(), await rig.open()];
    idle.service.write('data: 1\r\n\r\n');
    busy.service.write('data: begun');
    await idle.reads('data: 1\r\n\r\n');
    await busy.reads('data: begun');
    const isDone = rig.plane.close(8000);
    assert.equal(await idle.ended(), true);
    const rest = 'data: begun, and done\n\n';
    busy.service.write(', and done\n\n');
    assert.equal(await busy.ended(), true);
    assert.equal(busy.text(), rest);
    await isDone;
  });

  it('ends when its route is gone, and lives on when it is not', async (t) => {
    const rig = await rigOf(t);
    const stream = await rig.open();
    await rig.plane.apply({ ...rig.document });
    stream.service.write('data: 1\n\n');
    await stream.reads('data: 1\n\n');
    await rig.plane.apply({ ...rig.document, routes: { other: { respond: { body: 'other' } } } });
    assert.equal(await stream.ended(), true);
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['closed'], 'reload');
  });

  it('of which nothing can be read because it is compressed is left as it is', async (t) => {
    const policies = { eventStream: { heartbeat: '20ms' } };
    const rig = await rigOf(t, { policies, headers: { ...EVENTS, 'content-encoding': 'gzip' } });
    const stream = await rig.open();
    stream.service.write('abc');
    await stream.reads('abc');
    const readable = await (await rigOf(t, { policies })).open();
    await readable.reads(':\n\n:\n\n:\n\n');
    readable.service.end();
    assert.equal(stream.text(), 'abc');
    stream.service.end();
  });
});

describe('a stream of lines', () => {
  it('ends behind a line when the time of the drain is over', async (t) => {
    const { plane, open } = await rigOf(t, { headers: { 'content-type': 'application/x-ndjson' } });
    const [whole, half] = [await open(), await open()];
    whole.service.write('{"a":1}\n');
    half.service.write('{"a":1}\n{"a"');
    await Promise.all([whole.reads('\n'), half.reads('{"a"')]);
    const closed = plane.close(800);
    assert.equal(await whole.ended(), true);
    half.service.write(':2}\n{"a":3}\n');
    assert.equal(await half.ended(), true);
    assert.equal(half.text(), '{"a":1}\n{"a":2}\n');
    await closed;
  });
});
