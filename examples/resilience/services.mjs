// Five services in one process, which say who they are and can be broken:
//
//   curl -X PUT localhost:9101/mood -d broken     it answers 503 to everything, /healthz too
//   curl -X PUT localhost:9101/mood -d well
//
// What the gateway marks as a copy (X-Turnpike-Mirror) is counted.
import { createServer } from 'node:http';

const NAMES = ['orders-1', 'orders-2', 'shop', 'shop-next', 'worker'];
const PORTS = (process.env.SERVICE_PORTS ?? '9101,9102,9103,9104,9105').split(',').map(Number);

function service(name) {
  let isBroken = false;
  let copies = 0;

  return (request, response) => {
    const { method, url, headers } = request;
    if (method === 'PUT' && url === '/mood') {
      let mood = '';
      request.on('data', (piece) => (mood += piece));
      request.on('end', () => {
        isBroken = mood === 'broken';
        response.end(`${name} is ${isBroken ? 'broken' : 'well'}\n`);
      });
      return;
    }
    if ('x-turnpike-mirror' in headers) copies++;
    response.statusCode = isBroken ? 503 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(`${JSON.stringify({ service: name, request: `${method} ${url}`, isBroken, copies })}\n`);
  };
}

const servers = NAMES.map((name, index) => createServer(service(name)).listen(PORTS[index], '127.0.0.1'));
await Promise.all(servers.map((server) => new Promise((resolve) => server.on('listening', resolve))));
process.stdout.write(`listening on ${servers.map((server) => server.address().port).join(' ')}\n`);
