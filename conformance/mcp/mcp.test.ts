import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { startPlane } from '@turnpike/testkit';
import { ANSWERS, DOCUMENT, everything } from './everything.ts';

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));

/** What fails of the suite, by name of the scenario. */
async function failures(t: TestContext, url: string): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-conformance-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const child = spawn(process.execPath, [SUITE, 'server', '--url', url, '-o', directory], { cwd: directory });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  const verdicts = Array.from(
    text.matchAll(/^([✓✗]) ([\w-]+): /gm),
    ([, sign, name = '']) => [sign, name] as const,
  );
  assert.ok(verdicts.length >= 30, `the suite has run: ${text.slice(-2000)}`);
  return verdicts.filter(([sign]) => sign === '✗').map(([, name]) => name);
}

async function service(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function gateway(t: TestContext, url: string, route: object): Promise<string> {
  const document = {
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [url] } },
    routes: { mcp: { match: { path: '/mcp' }, ...route } },
  };
  const plane = await startPlane(document, { '/api.json': JSON.stringify(DOCUMENT) });
  t.after(() => plane.close());
  return `http://127.0.0.1:${plane.port}/mcp`;
}

/** What takes a session in which the server asks the client. */
const NEED_SESSIONS = [
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
];

describe('the suite of the Model Context Protocol, of 2025-11-25', () => {
  it('finds nothing wrong with the tools of an API; everything else there is none of', async (t) => {
    const api = await service(t, ({ url = '' }, response) => {
      const { status, type, body } = ANSWERS[url] ?? { status: 404, type: 'text/plain', body: '' };
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const tools = [{ openapi: '/api.json', service: 'main' }];
    const found = await failures(t, await gateway(t, api, { translate: { mcp: { tools } } }));
    assert.deepEqual(found.toSorted(), [...NEED_SESSIONS, ...ONLY_TOOLS].toSorted());
  });

  it('finds the same behind the gateway as without it', async (t) => {
    const handler = createMcpHandler(everything, { legacy: 'stateless' });
    t.after(() => handler.close());
    const url = await service(t, (request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { method = '', headers } = request;
        const fields = Object.entries(headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks).toString() };
        const address = `http://${headers.host}${request.url}`;
        const answer = await handler.fetch(new Request(address, { method, headers: fields, ...body }));
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        for await (const chunk of answer.body ?? []) response.write(chunk);
        response.end();
      })();
    });
    const direct = await failures(t, `${url}/mcp`);
    const behind = await failures(t, await gateway(t, url, { service: 'main', translate: { mcp: {} } }));
    assert.deepEqual([...behind, 'dns-rebinding-protection'].toSorted(), direct.toSorted());
    assert.deepEqual(behind.toSorted(), [...NEED_SESSIONS, ...NOT_IN_OURS].toSorted());
  });
});

/** An endpoint whose tools are operations has no more than tools; and operations answer with one thing. */
const ONLY_TOOLS = [
  'logging-set-level',
  'completion-complete',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-with-progress',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
];

/** What our little server does not have, whoever stands before it. */
const NOT_IN_OURS = [
  'logging-set-level',
  'completion-complete',
  'tools-call-with-logging',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
];
