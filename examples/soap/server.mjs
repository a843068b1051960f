// The service of this example: SOAP by the soap package, on STOCK_PORT or 8081, in the version of SOAP_VERSION.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { listen } from 'soap';

const PRICES = { ACME: 34.5, GLOBEX: 12 };
const isNewer = process.env.SOAP_VERSION === '1.2';

const operations = {
  GetPrice({ Symbol, Currency = 'EUR' }) {
    const Price = PRICES[Symbol];
    if (Price === undefined) throw unknown(Symbol);
    return { Price, Currency };
  },
  /** Gives back what it got. */
  PlaceOrder({ Line }) {
    return { Line };
  },
};

/** The fault of a client, as either version writes it. */
function unknown(symbol) {
  const reason = `${symbol} is not traded here`;
  return isNewer
    ? {
        Fault: {
          Code: { Value: 'soap:Sender', Subcode: { Value: 'tns:Unknown' } },
          Reason: { Text: reason },
        },
      }
    : { Fault: { faultcode: 'soap:Client.Unknown', faultstring: reason, detail: { Symbol: symbol } } };
}

const server = createServer((_, response) => response.writeHead(404).end());
server.listen(Number(process.env.STOCK_PORT ?? 8081), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
listen(server, {
  path: '/stock',
  services: { Stock: { StockPort: operations } },
  xml: readFileSync(new URL('stock.wsdl', import.meta.url), 'utf8'),
  forceSoap12Headers: isNewer,
});
