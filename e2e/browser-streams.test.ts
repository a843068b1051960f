// What a browser gets of WebSockets and streams of events through the program.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const CHROMIUM = '/usr/bin/chromium';
const PATIENCE_MS = 60_000;

/** Why there is no browser here, or false. */
function withoutBrowser(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('chromium') || !existsSync(CHROMIUM) ? 'chromium is not installed' : false;
}

const OPTIONS = { timeout: 120_000, skip: withoutBrowser() };

const config = (port: number, live = 'live') => `
listeners: { web: { address: 127.0.0.1:0 } }
services: { origin: { endpoints: ["http://127.0.0.1:${port}"] } }
routes:
  page: { match: { path: /* }, respond: { body: hello, headers: { content-type: text/html } } }
  ${live}: { match: { path: /live }, service: origin, upgrade: [websocket], policies: { websocket: { maxMessageBytes: 2000 } } }
  lost: { match: { path: /lost }, service: origin, upgrade: [websocket] }
  foreign:
    match: { path: /foreign }
    service: origin
    upgrade: [websocket]
    policies: { websocket: { origins: ["https://app.example.com"] } }
  cut: { match: { path: /cut }, service: origin, policies: { timeout: 1s } }
  events: { match: { path: /events }, service: origin, policies: { eventStream: { heartbeat: 100ms }, timeout: 1s } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 10s }
`;

describe('a browser behind the gateway', () => {
  let browser: Browser | null = null;
  let port = 0;
  const streams: ServerResponse[] = [];
  const server = createServer(({ headers, url }, response) => {
    if (url === '/cut') {
      response.write('begun');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      `retry: 10\nid: ${streams.length + 1}\ndata: after ${String(headers['last-event-id'] ?? 'nothing')}\n\n`,
    );
    streams.push(response);
  });
  const sockets = new WebSocketServer({ server });

  before(async () => {
    if (OPTIONS.skip !== false) return;
    sockets.on('connection', (socket, { url }) => {
      socket.on('error', () => {});
      if (url === '/lost') socket.on('message', () => socket.terminate());
      else socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
    const args = ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });

  /** A page of the gateway with what a test needs to talk to it. */
  async function pageOf(gateway: RunningGateway): Promise<Page> {
    const page = (await browser?.newPage()) ?? assert.fail();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`http://127.0.0.1:${gateway.port}/`);
    return page;
  }

  /** Opens a WebSocket, sends this, and gives how it ended. */
  const endOf = (page: Page, path: string, text: string) =>
    page.evaluate(
      ([where, what]) =>
        new Promise((resolve) => {
          const socket = new WebSocket(where ?? '');
          const got: string[] = [];
          socket.addEventListener('open', () => socket.send(what ?? ''));
          socket.addEventListener('message', ({ data }) => {
            got.push(String(data));
            socket.close(4000, 'enough');
          });
          socket.addEventListener('close', ({ code, reason }) => resolve([...got, code, reason]));
        }),
      [`ws://${new URL(page.url()).host}${path}`, text],
    );

  it('talks through WebSockets, and hears why they end', OPTIONS, async () => {
    await using gateway = await runGateway(config(port));
    const page = await pageOf(gateway);
    assert.deepEqual(await endOf(page, '/live', 'grüße'), ['grüße', 4000, 'enough']);
    const tooLarge = Array.from({ length: 5000 }, () => Math.random().toString(36)[2]).join('');
    assert.deepEqual(await endOf(page, '/live', tooLarge), [1009, 'a message has more than 2000 bytes']);
    assert.deepEqual(await endOf(page, '/lost', 'go'), [1011, 'the service is gone']);
    assert.deepEqual(await endOf(page, '/foreign', 'never'), [1006, '']);

    await page.evaluate((host) => {
      const ends: unknown[] = [];
      Reflect.set(globalThis, 'ends', ends);
      const opened = ['/live', '/lost'].map(async (path) => {
        const socket = new WebSocket(`ws://${host}${path}`);
        socket.addEventListener('close', ({ code, wasClean }) => ends.push([path, code, wasClean]));
        await new Promise((resolve) => socket.addEventListener('open', resolve));
      });
      return Promise.all(opened);
    }, new URL(page.url()).host);
    const ends = (count: number) =>
      page.waitForFunction((wanted) => Reflect.get(globalThis, 'ends').length >= wanted, count);
    await writeFile(gateway.configFile, config(port, 'renamed'));
    assert.equal((await gateway.admin('/reload', 'POST')).status, 200);
    await ends(1);
    await gateway.stop('SIGTERM');
    await ends(2);
    assert.deepEqual(await page.evaluate(() => Reflect.get(globalThis, 'ends')), [
      ['/live', 1012, true],
      ['/lost', 1001, true],
    ]);
    await page.close();
  });

  it(
    'follows a stream of events past the time of its route, and comes back where it was',
    OPTIONS,
    async () => {
      streams.length = 0;
      await using gateway = await runGateway(config(port));
      const page = await pageOf(gateway);
      await page.evaluate(() => {
        const got: string[] = [];
        Reflect.set(globalThis, 'got', got);
        const source = new EventSource('/events');
        source.addEventListener('message', ({ data }) => got.push(String(data)));
      });
      const until = (text: string) =>
        page.waitForFunction((wanted) => Reflect.get(globalThis, 'got').includes(wanted), text);
      await until('after nothing');
      // What is no stream of events is cut after the same time.
      const isCut = await page.evaluate(() =>
        fetch('/cut')
          .then((reply) => reply.text())
          .then(
            () => false,
            () => true,
          ),
      );
      assert.equal(isCut, true);
      assert.equal(streams.length, 1);
      streams[0]?.write('data: late\n\n');
      await until('late');
      streams[0]?.end();
      await until('after 1');
      await page.close();
    },
  );
});
