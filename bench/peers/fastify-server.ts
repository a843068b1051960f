/** The program behind the peer `fastify`: PORT ORIGIN_PORT. */
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

const [port = 0, originPort = 0] = process.argv.slice(2).map(Number);
const server = fastify({ logger: false, keepAliveTimeout: 300_000, bodyLimit: 10 * 1024 * 1024 });

await server.register(proxy, {
  upstream: `http://127.0.0.1:${originPort}`,
  undici: { connections: 256, pipelining: 1, keepAliveTimeout: 60_000 },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      host: request.headers.host,
      'x-forwarded-for': request.ip,
      'x-forwarded-proto': request.protocol,
    }),
  },
});
await server.listen({ host: '127.0.0.1', port, backlog: 4096 });
