// gRPC-Web and Connect from scripts of another origin, in a real browser, by the clients that browsers load.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { webWorld, type WebWorld } from './grpc-web-world.ts';
import { DESCRIPTORS } from './talk-service.ts';
import { startWebPage, type WebPage } from './web-page.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Why there is no browser here, or false. */
function withoutBrowser(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('chromium') || !existsSync(CHROMIUM) ? 'chromium is not installed' : false;
}

const DESCRIPTORS_TEXT = Buffer.from(DESCRIPTORS).toString('base64');
const OPTIONS = { timeout: 120_000, skip: withoutBrowser() };

/** In the page: messages of the service, written and read by hand, and the two clients. */
const PRELUDE = `
  const { BinaryReader, BinaryWriter } = await import('@bufbuild/protobuf/wire');
  const write = ({ text, count = 0 }) => new BinaryWriter().tag(1, 2).string(text).tag(2, 0).int32(count).finish();
  const read = (bytes) => {
    const line = { text: '', count: 0 };
    for (const reader = new BinaryReader(bytes); reader.pos < reader.len;) {
      const [number] = reader.tag();
      if (number === 1) line.text = reader.string();
      else line.count = reader.int32();
    }
    return line;
  };
  const of = async (format) => {
    const { GrpcWebClientBase, MethodDescriptor } = await import('grpc-web');
    const client = new GrpcWebClientBase({ format });
    const method = (name, kind) => new MethodDescriptor('/talk.v1.Talk/' + name, kind, Object, Object, write, read);
    const url = (name) => origin + '/talk.v1.Talk/' + name;
    const unary = (name, line, metadata = {}) => client.unaryCall(url(name), line, metadata, method(name, 'unary'));
    const stream = (name, line) => new Promise((resolve) => {
      const events = [];
      client.serverStreaming(url(name), line, {}, method(name, 'server_streaming'))
        .on('data', ({ text, count }) => events.push(text + count))
        .on('status', ({ code, metadata }) => events.push('status ' + code + ' cost ' + (metadata?.cost ?? '')))
        .on('error', ({ code, message }) => { events.push('error ' + code + ' ' + message); resolve(events); })
        .on('end', () => { events.push('end'); resolve(events); });
    });
    return { unary, stream };
  };
  const failure = (promise) => promise.then(() => 'none', ({ code, message }) => code + ' ' + message);
`;

describe('a script of another origin', OPTIONS, () => {
  let browser: Browser | undefined;
  let site: WebPage | undefined;
  let world: WebWorld | undefined;
  let page: Page;

  before(async () => {
    if (OPTIONS.skip !== false) return;
    site = await startWebPage();
    world = await webWorld({ policies: `{ cors: { origins: ["${site.origin}"], headers: [x-limited] } }` });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
    page = await browser.newPage();
    await page.goto(site.origin);
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
  });

  /** What a script gives. */
  function run(script: string): Promise<unknown> {
    const origin = JSON.stringify(world?.origin);
    return page.evaluate(`(async () => { const origin = ${origin}; ${PRELUDE} ${script} })()`);
  }

  for (const format of ['text', 'binary']) {
    describe(`with the client of grpc-web in ${format}`, OPTIONS, () => {
      const client = `const client = await of('${format}');`;

      it('calls a method', async () => {
        assert.deepEqual(await run(`${client} return client.unary('Say', { text: 'hé' })`), {
          text: 'hé!',
          count: 0,
        });
      });

      it('gets a large reply', async () => {
        const script = `const { text } = await client.unary('Say', { text: 'large', count: 500000 }); return text.length`;
        assert.equal(await run(client + script), 500_000);
      });

      it('is told why a call failed', async () => {
        assert.equal(
          await run(`${client} return failure(client.unary('Say', { text: 'fail:not_found' }))`),
          '5 né',
        );
      });

      it('is told by the gateway itself', async () => {
        const script = `${client} return failure(client.unary('Shout', { text: 'x' }))`;
        assert.match(String(await run(script)), /^12 /);
      });

      it('is told that it has asked too often', async () => {
        const call = `client.unary('Say', { text: 'x' }, { 'x-limited': '${format}' })`;
        const script = `${client} await ${call}; return failure(${call})`;
        assert.match(String(await run(script)), /^8 The caller has used up/);
      });

      it('has a deadline', async () => {
        const script = `${client} const deadline = String(Date.now() + 500); return failure(client.unary('Say', { text: 'forever' }, { deadline }))`;
        assert.match(String(await run(script)), /^4 /);
      });

      it('gets a stream, and how it ended', async () => {
        const script = `${client} return client.stream('Repeat', { text: 'ho', count: 3 })`;
        assert.deepEqual(await run(script), ['ho1', 'ho2', 'ho3', 'status 0 cost 3', 'end']);
      });

      it('gets a stream that fails', async () => {
        const events = (await run(
          `${client} return client.stream('Repeat', { text: 'fail', count: 1 })`,
        )) as string[];
        assert.equal(events[0], 'fail1');
        assert.ok(events.includes('error 5 né'), events.join());
      });
    });
  }

  for (const [name, make] of [
    ['Connect', 'createConnectTransport({ baseUrl: origin })'],
    ['Connect in protobuf', 'createConnectTransport({ baseUrl: origin, useBinaryFormat: true })'],
    ['gRPC-Web', 'createGrpcWebTransport({ baseUrl: origin })'],
  ] as const) {
    describe(`with the client of Connect for ${name}`, OPTIONS, () => {
      const client = `
        const { createConnectTransport, createGrpcWebTransport } = await import('@connectrpc/connect-web');
        const { createFileRegistry, create, fromBinary } = await import('@bufbuild/protobuf');
        const { FileDescriptorSetSchema } = await import('@bufbuild/protobuf/wkt');
        const bytes = Uint8Array.from(atob('${DESCRIPTORS_TEXT}'), (c) => c.charCodeAt(0));
        const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
        const Line = registry.getMessage('talk.v1.Line');
        const method = (name) => registry.getService('talk.v1.Talk').methods.find((one) => one.name === name);
        const transport = ${make};
        const say = (text) => transport.unary(method('Say'), undefined, undefined, {}, create(Line, { text }));
      `;

      it('calls a method', async () => {
        const script = `const { message, trailer } = await say('hé'); return message.text`;
        assert.equal(await run(client + script), 'hé!');
      });

      it('is told why a call failed', async () => {
        const script = `return say('fail:not_found').then(() => '', (e) => e.code + ' ' + e.rawMessage + ' ' + e.details.length)`;
        assert.equal(await run(client + script), '5 né 1');
      });

      it('gets a stream', async () => {
        const script = `
          const input = (async function* () { yield create(Line, { text: 'ho', count: 3 }) })();
          const reply = await transport.stream(method('Repeat'), undefined, undefined, {}, input);
          const counts = [];
          for await (const { count } of reply.message) counts.push(count);
          return counts`;
        assert.deepEqual(await run(client + script), [1, 2, 3]);
      });
    });
  }
});
