/**
 * The program behind the peer `undici`: PORT ORIGIN_PORT.
 *
 * It forwards what a proxy must and nothing more: no log, no metrics, no routes. `dispatch` is undici's fastest interface.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';

const [port = 0, originPort = 0] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${originPort}`, {
  connections: 256,
  pipelining: 1,
  keepAliveTimeout: 60_000,
});
const hopByHop = [
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
];

const server = createServer({ keepAliveTimeout: 300_000 }, (request, response) => {
  pool.dispatch(dispatchOptions(request), replyHandler(response));
});
server.listen(port, '127.0.0.1', 4096);

function dispatchOptions(request: IncomingMessage): Dispatcher.DispatchOptions {
  const { method = 'GET', url = '/', headers } = request;
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  return { path: url, method, headers: forwardHeaders(request), body: hasBody ? request : null };
}

function forwardHeaders({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const forwarded: IncomingHttpHeaders = withoutHopByHop(headers);
  forwarded['x-forwarded-for'] = socket.remoteAddress;
  forwarded['x-forwarded-proto'] = 'http';
  return forwarded;
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const copy = { ...headers };
  for (const name of hopByHop) if (copy[name] !== undefined) delete copy[name];
  return copy;
}

function replyHandler(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.on('close', () => {
        if (!response.writableFinished) controller.abort(new Error('the client has gone'));
      });
    },
    onResponseStart(_controller, status, headers) {
      response.writeHead(status, withoutHopByHop(headers));
    },
    onResponseData(controller, chunk) {
      if (response.write(chunk)) return;
      controller.pause();
      response.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      if (!response.headersSent) response.writeHead(502).end();
      else response.destroy();
    },
  };
}
