import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from './fastify.ts';
import { PAGE_POLICY } from './security-headers.ts';

// Nothing else imports the packages that show the document.

/** The document, and two ways to read it: one to try things out, one to read. Everything comes from here; no page asks anybody else. */
export async function serveDocuments(app: FastifyInstance, document: object): Promise<void> {
  const text = JSON.stringify(document);
  app.get('/openapi.json', async (_request, reply) =>
    reply.header('Cache-Control', 'no-cache').type('application/vnd.oai.openapi+json;version=3.1').send(text),
  );
  await app.register(fastifySwagger, { mode: 'static', specification: { document: document as never } });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: READER_POLICY,
    uiConfig: { docExpansion: 'none', filter: true, tryItOutEnabled: true, displayRequestDuration: true },
    theme: { title: 'Turnpike admin API' },
  });
  serveRedoc(app);
}

function serveRedoc(app: FastifyInstance): void {
  const bundle = readFileSync(createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js'));
  const files = [
    ['/redoc', 'text/html; charset=utf-8', REDOC_PAGE],
    ['/redoc/start.js', JAVASCRIPT, REDOC_START],
    ['/redoc/redoc.js', JAVASCRIPT, bundle],
  ] as const;
  const headers = { 'Content-Security-Policy': READER_POLICY, 'Cache-Control': 'no-cache' };
  for (const [path, type, content] of files) {
    app.get(path, async (_request, reply) => reply.headers(headers).type(type).send(content));
  }
}

/** The readers write styles into their pages; scripts still come from here only. */
const READER_POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

const JAVASCRIPT = 'text/javascript; charset=utf-8';

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Turnpike admin API</title>
</head>
<body>
<div id="redoc"></div>
<script src="/redoc/redoc.js"></script>
<script src="/redoc/start.js"></script>
</body>
</html>
`;

/** Without search, which would need a worker made of text. */
const REDOC_START = `Redoc.init('/openapi.json', { disableSearch: true, hideDownloadButton: false }, document.getElementById('redoc'));
`;
