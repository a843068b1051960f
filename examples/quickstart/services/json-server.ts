import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Answers a request, or gives `undefined` where there is nothing at this path. */
export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown;

/** An HTTP server on the loopback address that answers with JSON what `answer` gives. Resolves when it listens. */
export function serveJson(port: number, answer: Answer): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://service');
    Promise.resolve(answer(request, response, url))
      .then((body) => {
        if (response.headersSent) return;
        if (body === undefined) send(response, 404, { error: `There is nothing at ${url.pathname}` });
        else send(response, response.statusCode, body);
      })
      .catch((error: unknown) => send(response, 500, { error: String(error) }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
