// The shop of this example, on SHOP_PORT or 8081. It tells how often it was asked, to show when it was not.
import { createServer } from 'node:http';

const prices = new Map([
  ['1', 10],
  ['2', 25],
]);
let asked = 0;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://shop');
  const id = pathname.split('/')[2];
  if (pathname === '/account') {
    json(response, { 'Cache-Control': 'private' }, { asked: ++asked, user: 'ada' });
  } else if (request.method === 'PUT') {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      prices.set(id, Number(body));
      response.writeHead(204).end();
    });
  } else {
    const fields = {
      'Cache-Control': 'max-age=600, stale-while-revalidate=60',
      'Surrogate-Key': `products product-${id}`,
      ETag: `"${id}-${prices.get(id)}"`,
    };
    const page = searchParams.get('page') ?? undefined;
    json(response, fields, { asked: ++asked, price: prices.get(id), page });
  }
});

function json(response, fields, value) {
  response.writeHead(200, { 'Content-Type': 'application/json', ...fields }).end(JSON.stringify(value));
}

server.listen(Number(process.env.SHOP_PORT ?? 8081), '127.0.0.1', () =>
  console.log(`listening on ${server.address().port}`),
);
