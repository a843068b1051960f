import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { startPlane, type Plane, type PlaneDocument } from '@turnpike/testkit';

/** A request as a service got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A service, and what it was asked. */
export interface Origin {
  readonly url: string;
  readonly seen: Seen[];
}

/** What a service answers. */
export interface OriginAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Buffer;
}

/** Starts a service; it ends with the test. */
export async function origin(t: TestContext, answer: (seen: Seen) => OriginAnswer): Promise<Origin> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      const { status = 200, type = 'application/json', body: bytes = '' } = answer(one);
      response.writeHead(status, { 'content-type': type }).end(bytes);
    });
  });
  return { url: await listening(t, server), seen };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An MCP server made with the official SDK, and what it was asked. */
export async function sdkServer(
  t: TestContext,
  name: string,
  plan: {
    readonly tools: (server: McpServer) => void;
    /** `reject`: only the revision without sessions. */
    readonly legacy?: 'stateless' | 'reject';
  },
): Promise<Origin> {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name, version: '1.0.0' });
      plan.tools(server);
      return server;
    },
    { legacy: plan.legacy ?? 'reject' },
  );
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body });
      const fields = Object.entries(headers).map(([key, value]): [string, string] => [key, String(value)]);
      const answer = await handler.fetch(
        new Request(`http://${headers.host}${url}`, {
          method,
          headers: fields,
          ...(body !== '' && { body }),
        }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
    });
  });
  t.after(() => handler.close());
  return { url: await listening(t, server), seen };
}

/** Starts a gateway; it ends with the test. */
export async function plane(
  t: TestContext,
  document: PlaneDocument,
  texts: Readonly<Record<string, string>> = {},
): Promise<Plane> {
  const started = await startPlane({ listeners: { web: { address: '127.0.0.1:0' } }, ...document }, texts);
  t.after(() => started.close());
  return started;
}

/** A client made with the official SDK. */
export async function sdkClient(
  t: TestContext,
  { port }: Pick<Plane, 'port'>,
  plan: {
    readonly era: 'modern' | 'legacy';
    readonly headers?: Readonly<Record<string, string>>;
    readonly path?: string;
  },
): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: plan.era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
  );
  const transport = new StreamableHTTPClientTransport(
    new URL(`http://127.0.0.1:${port}${plan.path ?? '/mcp'}`),
    {
      requestInit: { headers: { ...plan.headers } },
    },
  );
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

/** What every request of the revision without sessions says of itself. */
export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A reply, with its JSON. */
export interface PostReply {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they know is there
  readonly json: any;
}

/** Posts a message as it is. */
export async function post(
  { port }: Pick<Plane, 'port'>,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = '/mcp',
): Promise<PostReply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) };
}

/** A request of the revision without sessions, with the headers that belong to it. */
export function modern(method: string, params: Readonly<Record<string, unknown>> = {}) {
  const body = { jsonrpc: '2.0', id: 1, method, params: { _meta: META, ...params } };
  const name = params['name'] ?? params['uri'];
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
  };
  return [body, headers] as const;
}

/** A gateway with one endpoint for servers, by the names of their services. */
export function federation(servers: Readonly<Record<string, Origin>>, mcp: object = {}, route: object = {}) {
  const names = Object.keys(servers);
  return {
    services: Object.fromEntries(names.map((name) => [name, { endpoints: [servers[name]?.url] }])),
    routes: {
      all: {
        match: { path: '/mcp' },
        translate: { mcp: { servers: names.map((service) => ({ service })), ...mcp } },
        ...route,
      },
    },
  };
}
