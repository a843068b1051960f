// What the suite wants of a server, as far as one without sessions can have it: as an API for the gateway to make tools of, and as
// an MCP server of the official SDK for it to stand before.
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const SILENCE = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

/** What the API answers, by path. */
export const ANSWERS: Readonly<
  Record<string, { readonly status: number; readonly type: string; readonly body: Buffer }>
> = {
  '/text': answer(200, 'text/plain', Buffer.from('This is a simple text response for testing.')),
  '/image': answer(200, 'image/png', Buffer.from(PIXEL, 'base64')),
  '/audio': answer(200, 'audio/wav', Buffer.from(SILENCE, 'base64')),
  '/error': answer(500, 'text/plain', Buffer.from('This tool intentionally returns an error for testing')),
};

function answer(status: number, type: string, body: Buffer) {
  return { status, type, body };
}

const operation = (operationId: string) => ({
  get: { operationId, responses: { 200: { description: '' } } },
});

/** The API as its owner describes it. */
export const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Everything', version: '1' },
  paths: {
    '/text': operation('test_simple_text'),
    '/image': operation('test_image_content'),
    '/audio': operation('test_audio_content'),
    '/error': operation('test_error_handling'),
  },
};

const NOTHING = fromJsonSchema<object>({ type: 'object', properties: {} });
const IMAGE = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const;

/** The MCP server. */
export function everything(): McpServer {
  const server = new McpServer({ name: 'everything', version: '1.0.0' });
  addTools(server);
  addResources(server);
  server.registerPrompt('test_simple_prompt', { description: 'Simple.' }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'This is a simple prompt for testing.' } }],
  }));
  return server;
}

function addTools(server: McpServer): void {
  const add = (name: string, content: () => object[]): void => {
    const run = () => ({ content: content() as never });
    server.registerTool(name, { description: `The tool ${name}.`, inputSchema: NOTHING }, run);
  };
  const resource = { uri: 'test://embedded', mimeType: 'text/plain', text: 'Embedded.' };
  add('test_simple_text', () => [{ type: 'text', text: 'This is a simple text response for testing.' }]);
  add('test_image_content', () => [IMAGE]);
  add('test_audio_content', () => [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }]);
  add('test_embedded_resource', () => [{ type: 'resource', resource }]);
  add('test_multiple_content_types', () => [
    { type: 'text', text: 'Several:' },
    IMAGE,
    { type: 'resource', resource },
  ]);
  add('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Takes steps.', inputSchema: NOTHING },
    async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0;
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100 };
        await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return { content: [{ type: 'text', text: 'Done.' }] };
    },
  );
}

function addResources(server: McpServer): void {
  const [text, binary] = ['test://static-text', 'test://static-binary'];
  server.registerResource('text', text, { mimeType: 'text/plain' }, () => ({
    contents: [
      { uri: text, mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
    ],
  }));
  server.registerResource('binary', binary, { mimeType: 'image/png' }, () => ({
    contents: [{ uri: binary, mimeType: 'image/png', blob: PIXEL }],
  }));
}
