import type { TestContext } from 'node:test';
import { origin, type Origin, type OriginAnswer, type Seen } from './fixture.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const USER = { $ref: '#/components/schemas/User' };

/** An API as its owner describes it. */
export const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Users', version: '1' },
  paths: {
    '/users': {
      get: {
        operationId: 'listUsers',
        summary: 'Lists users.',
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 1000 } },
          { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'X-Tenant', in: 'header', schema: { type: 'string' } },
        ],
        responses: { 200: { description: '', ...json({ type: 'array', items: USER }) } },
      },
      post: {
        operationId: 'addUser',
        summary: 'Adds a user.',
        parameters: [{ name: 'name', in: 'query', schema: { type: 'string' } }],
        requestBody: { required: true, ...json(USER) },
        responses: { 201: { description: '', ...json(USER) } },
      },
    },
    '/users/{id}': {
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'Which.' },
      ],
      get: { operationId: 'getUser', responses: { 200: { description: '', ...json(USER) } } },
      delete: { operationId: 'deleteUser', responses: { 204: { description: '' } } },
    },
    '/files': {
      post: {
        operationId: 'upload',
        requestBody: { content: { 'multipart/form-data': { schema: { type: 'object' } } } },
        responses: { 204: { description: '' } },
      },
    },
  },
  components: {
    schemas: {
      User: {
        type: 'object',
        required: ['name'],
        properties: {
          id: { type: 'string', readOnly: true },
          name: { type: 'string', minLength: 1 },
          manager: { $ref: '#/components/schemas/User' },
        },
      },
    },
  },
};

/** Where it is, and its text. */
export const TEXTS = { '/api.json': JSON.stringify(DOCUMENT) };

/** A service that answers as the document says. */
export function users(t: TestContext): Promise<Origin> {
  return origin(t, answerTo);
}

function answerTo({ method, url, body }: Seen): OriginAnswer {
  if (method === 'POST') return { status: 201, body };
  if (method === 'DELETE') return { status: 204 };
  if (url.startsWith('/users?limit=1000'))
    return { body: JSON.stringify(Array.from({ length: 1000 }, user)) };
  if (url.startsWith('/users?') || url === '/users') return { body: JSON.stringify([user(null, 1)]) };
  if (url === '/users/nobody')
    return { status: 404, type: 'application/problem+json', body: '{"title":"No such user"}' };
  if (url === '/users/broken') return { body: '{"nome":1}' };
  return { body: JSON.stringify({ id: decodeURIComponent(url.slice('/users/'.length)), name: 'Jörg' }) };
}

function user(_: unknown, index: number): object {
  return { id: String(index), name: `user number ${index}`.padEnd(40, '.') };
}

/** A route whose tools are the operations of the API. */
export function apiRoute({ url }: Origin, mcp: object = {}, route: object = {}): Record<string, unknown> {
  return {
    services: { users: { endpoints: [url] } },
    routes: {
      tools: {
        match: { path: '/mcp' },
        translate: { mcp: { tools: [{ openapi: '/api.json', service: 'users', ...mcp }] } },
        ...route,
      },
    },
  };
}
