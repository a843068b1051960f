import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from './fastify.ts';
import { PAGE_POLICY } from './security-headers.ts';

// Nothing else imports @fastify/static.

/** Answers with a page of the dashboard where a browser asks for one; null: it does not. */
export type Dashboard = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null;

const YEAR_S = 365 * 86_400;

/**
 * Serves the files of the dashboard. What a build has named by a hash of its content never changes; `index.html` names these, so
 * it is asked for anew. Its addresses are made by the page itself: those that are no file get `index.html`.
 */
export async function serveStaticFiles(app: FastifyInstance, directory: string | null): Promise<Dashboard> {
  const index = directory === null ? null : join(directory, 'index.html');
  if (directory === null || index === null || !existsSync(index)) return pages(app, NOT_BUILT);
  await app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    index: false,
    cacheControl: false,
    decorateReply: false,
    setHeaders: (reply, path) => {
      const isHashed = /[-.][\w-]{8,}\.\w+$/.test(path) && !path.endsWith('.html');
      reply.header('Cache-Control', isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
      reply.header('Content-Security-Policy', PAGE_POLICY);
    },
  });
  return pages(app, readFileSync(index, 'utf8'));
}

function pages(app: FastifyInstance, html: string): Dashboard {
  const show = (reply: FastifyReply): FastifyReply =>
    reply
      .headers({ 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(html);
  app.get('/', async (_request, reply) => show(reply));
  return (request, reply) => (isForPage(request) ? show(reply) : null);
}

/** A path that a person sees, asked for by a browser. */
function isForPage({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? '';
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (path.includes('.') || path === '/v1' || path.startsWith('/v1/')) return false;
  return headers.accept?.includes('text/html') === true;
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Turnpike</title></head>
<body>
<h1>Turnpike</h1>
<p>The dashboard is not part of this installation. <code>npm run build --workspace packages/dashboard</code> builds it.</p>
<ul>
<li><a href="/docs">The admin API, to try it</a></li>
<li><a href="/redoc">The same to read</a></li>
<li><a href="/openapi.json">Its OpenAPI document</a></li>
<li><a href="/readyz">Whether the gateway is ready</a></li>
</ul>
</body>
</html>
`;
