// A service that says what it is told of its callers: the credentials that it gets to see, and the identity from the gateway.
import { createServer } from 'node:http';

const TELLS = /^(x-identity-.*|authorization|cookie|x-api-key)$/;

const server = createServer(({ method, url, headers }, response) => {
  const told = Object.fromEntries(Object.entries(headers).filter(([name]) => TELLS.test(name)));
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify({ request: `${method} ${url}`, told })}\n`);
});

server.listen(Number(process.env.SERVICE_PORT ?? 9003), '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
