// SOAP through a running gateway: to a server that was not made by us, and to one that says whatever a test wants.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { root } from './cli-program.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const OLD = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A route to an operation of the stock. */
function route(path: string, service: string, soap: string): string {
  return `{ match: { path: "${path}" }, service: ${service}, rewrite: { path: /stock }, translate: { soap: { namespace: "urn:example:stock", ${soap} } } }`;
}

const PRICE = 'operation: GetPrice, action: "urn:example:stock/GetPrice", members: [Symbol, Currency]';
const ORDER =
  'operation: PlaceOrder, action: "urn:example:stock/PlaceOrder", lists: [Line], messageSize: 4KiB';

/** What the gateway said to the scripted service, and what that answers. */
interface Script {
  request: { readonly headers: IncomingMessage['headers']; readonly body: string; readonly line: string };
  answer: (response: ServerResponse) => void;
}

function envelope(body: string): string {
  return `<e:Envelope xmlns:e="${OLD}"><e:Body>${body}</e:Body></e:Envelope>`;
}

describe('SOAP', () => {
  const script: Script = {
    request: { headers: {}, body: '', line: '' },
    answer: (response) => response.end(),
  };
  const scripted = createServer((request, response) => {
    void text(request).then((body) => {
      script.request = { headers: request.headers, body, line: `${request.method} ${request.url}` };
      script.answer(response);
    });
  });
  const services: ChildProcess[] = [];
  let gateway: RunningGateway;

  /** The service of the example, which the soap package serves. */
  async function startStock(version: string): Promise<string> {
    const service = spawn(process.execPath, [join(root, 'examples/soap/server.mjs')], {
      env: { ...process.env, STOCK_PORT: '0', SOAP_VERSION: version },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    services.push(service);
    const [said] = (await once(service.stdout, 'data')) as [Buffer];
    return /listening on (\d+)/.exec(said.toString())?.[1] ?? assert.fail(said.toString());
  }

  before(async () => {
    scripted.listen(0, '127.0.0.1');
    await once(scripted, 'listening');
    const { port } = scripted.address() as AddressInfo;
    const [old, current] = await Promise.all([startStock('1.1'), startStock('1.2')]);
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
admin: { address: 127.0.0.1:0 }
services:
  old: { endpoints: ["http://127.0.0.1:${old}"] }
  current: { endpoints: ["http://127.0.0.1:${current}"] }
  scripted: { endpoints: ["http://127.0.0.1:${port}"] }
routes:
  old-price: ${route('/1.1/prices/{Symbol}', 'old', PRICE)}
  old-order: ${route('/1.1/orders', 'old', ORDER)}
  price: ${route('/1.2/prices/{Symbol}', 'current', `version: soap1.2, ${PRICE}`)}
  order: ${route('/1.2/orders', 'current', `version: soap1.2, ${ORDER}`)}
  scripted: ${route('/scripted/{id}', 'scripted', 'operation: Op, action: say "hi", messageSize: 4KiB')}
  scripted-1.2: ${route('/scripted-1.2', 'scripted', 'operation: Op, action: "urn:a", version: soap1.2, lists: [b]')}
`);
  });

  after(async () => {
    scripted.close();
    scripted.closeAllConnections();
    for (const service of services) service.kill('SIGKILL');
    await gateway[Symbol.asyncDispose]();
  });

  async function call(path: string, body: unknown = null, init: RequestInit = {}) {
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      ...(body !== null && {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
      ...init,
    });
    const answer = await response.text();
    return { status: response.status, headers: response.headers, answer, json: () => JSON.parse(answer) };
  }

  /** What clients get when the service answers that. */
  function whenTold(told: string | Buffer, { status = 200, type = 'text/xml', path = '/scripted/1' } = {}) {
    script.answer = (response) => response.writeHead(status, { 'Content-Type': type }).end(told);
    return call(path);
  }

  for (const version of ['1.1', '1.2']) {
    it(`calls a service of SOAP ${version} by path, query and body`, async () => {
      const { status, headers, json } = await call(`/${version}/prices/ACME`);
      assert.equal(status, 200);
      assert.equal(headers.get('content-type'), 'application/json');
      assert.deepEqual(json(), { Price: '34.5', Currency: 'EUR' });
      const dollars = await call(`/${version}/prices/ACME?Currency=%24%26`);
      assert.deepEqual(dollars.json(), { Price: '34.5', Currency: '$&' });
      const inBody = await call(`/${version}/prices/ACME`, { Currency: 'JPY', Symbol: 'OTHER' });
      assert.deepEqual(inBody.json(), { Price: '34.5', Currency: 'JPY' }, 'the path wins');
    });

    it(`sends and gets lists, attributes and any text over SOAP ${version}`, async () => {
      const Line = [
        { '@id': '"1"', Symbol: 'A<B>&\'"]]>', Count: '3' },
        { Symbol: 'größe \u{1F600}', Count: '4' },
      ];
      assert.deepEqual((await call(`/${version}/orders`, { Line })).json(), { Line });
      const one = await call(`/${version}/orders`, { Line: { Symbol: 'A', Count: 7 } });
      assert.deepEqual(one.json(), { Line: [{ Symbol: 'A', Count: '7' }] });
    });

    it(`makes problems of faults of SOAP ${version}`, async () => {
      const { status, headers, json } = await call(`/${version}/prices/NONE`);
      assert.equal(status, 400);
      assert.equal(headers.get('content-type'), 'application/problem+json');
      const { detail, fault, requestId } = json();
      assert.equal(detail, 'NONE is not traded here');
      assert.equal(fault.subcode, 'Unknown');
      assert.equal(fault.code, version === '1.1' ? 'Client' : 'Sender');
      assert.equal(requestId, headers.get('x-request-id'));
    });
  }

  it('says what it sends as each version wants it, and nothing of the client beside', async () => {
    script.answer = (response) =>
      response.writeHead(200, { 'Content-Type': 'text/xml' }).end(envelope('<R/>'));
    await call('/scripted/7?a=1&a=2&b=', null, {
      headers: { SOAPAction: 'mine', Accept: 'text/html', 'If-None-Match': '"x"', 'X-Tenant': 't' },
    });
    const { headers, body, line } = script.request;
    assert.equal(line, 'POST /stock');
    assert.equal(headers['content-type'], 'text/xml; charset=utf-8');
    assert.equal(headers['soapaction'], '"say \\"hi\\""');
    assert.equal(headers.accept, 'text/xml');
    assert.equal(headers['if-none-match'], undefined);
    assert.equal(headers['x-tenant'], 't');
    assert.match(body, /<Op xmlns="urn:example:stock"><a>1<\/a><a>2<\/a><b><\/b><id>7<\/id><\/Op>/);
    await call('/scripted-1.2');
    const { headers: newer } = script.request;
    assert.equal(newer['content-type'], 'application/soap+xml; charset=utf-8; action="urn:a"');
    assert.equal(newer['soapaction'], undefined);
  });

  it('sends numbers as they were written', async () => {
    script.answer = (response) =>
      response.writeHead(200, { 'Content-Type': 'text/xml' }).end(envelope('<R/>'));
    await call('/scripted-1.2', '{"a":12345678901234567890,"b":1.10,"c":true,"d":null,"e":[]}');
    assert.match(
      script.request.body,
      /<a>12345678901234567890<\/a><b>1\.10<\/b><c>true<\/c><d xsi:nil="true"\/><\/Op>/,
    );
  });

  it('reads what services write: prefixes, CDATA, entities, encodings, other versions', async () => {
    const answer = '<m:R xmlns:m="urn:m"><m:a>&#x41;&amp;<![CDATA[<x>]]></m:a><b xmlns="">1</b></m:R>';
    assert.deepEqual((await whenTold(envelope(answer))).json(), { a: 'A&<x>', b: '1' });
    assert.deepEqual((await whenTold(envelope(answer), { path: '/scripted-1.2' })).json(), {
      a: 'A&<x>',
      b: ['1'],
    });
    const latin = Buffer.from(
      `<?xml version="1.0" encoding="iso-8859-1"?>${envelope('<R><a>é</a></R>')}`,
      'latin1',
    );
    assert.deepEqual((await whenTold(latin)).json(), { a: 'é' });
    assert.deepEqual((await whenTold(envelope(''))).json(), {});
  });

  it('answers 500 for faults of the service', async () => {
    const fault = '<e:Fault><faultcode>e:Server</faultcode><faultstring>out of order</faultstring></e:Fault>';
    const { status, json } = await whenTold(envelope(fault), { status: 500 });
    assert.equal(status, 500);
    assert.deepEqual(json().fault, { code: 'Server' });
    assert.equal(
      (await whenTold(envelope(fault), { status: 200 })).status,
      500,
      'even when the status is 200',
    );
  });

  const ENTITIES = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);
  const BROKEN: Readonly<Record<string, string | Buffer>> = {
    'XML that breaks off': envelope('<R>').slice(0, -20),
    'XML that is no envelope': '<html/>',
    'a bomb of entities': `<!DOCTYPE x [<!ENTITY l0 "lol">${ENTITIES.join('')}]>${envelope('<R>&l9;</R>')}`,
    'an external entity': `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${envelope('<R>&f;</R>')}`,
    'XML that is too deep': envelope('<R>'.repeat(100) + '</R>'.repeat(100)),
    'bytes that are no UTF-8': Buffer.from(envelope('<R>\u00e9</R>'), 'latin1'),
    'nothing that XML has': envelope('<R>\u0000</R>'),
  };
  for (const [what, told] of Object.entries(BROKEN))
    it(`answers 502 for ${what}`, async () => {
      const { status, json, answer } = await whenTold(told);
      assert.equal(status, 502);
      assert.equal(json().code, 'UPSTREAM_INVALID');
      assert.doesNotMatch(answer, /root:|lol/);
    });

  it('answers 502 for too much, for another type, and for an encoding that nobody knows', async () => {
    const large = await whenTold(envelope(`<R>${'x'.repeat(5000)}</R>`));
    assert.equal(large.json().code, 'RESPONSE_TOO_LARGE');
    const elements = await whenTold(envelope(`<R>${'<a/>'.repeat(110_000)}</R>`), { path: '/scripted-1.2' });
    assert.equal(elements.json().code, 'UPSTREAM_INVALID');
    assert.equal((await whenTold('hi', { type: 'text/html' })).status, 502);
    assert.equal((await whenTold(envelope(''), { type: 'text/xml; charset=x-none' })).status, 502);
  });

  it('lets pass what a server in between says of a failure, and what has no answer', async () => {
    const { status, answer } = await whenTold('down for today', { status: 503, type: 'text/html' });
    assert.deepEqual([status, answer], [503, 'down for today']);
    script.answer = (response) => response.writeHead(202).end();
    assert.deepEqual((({ status: taken, answer: empty }) => [taken, empty])(await call('/scripted/1')), [
      202,
      '',
    ]);
  });

  it('refuses what it cannot send, before the service sees it', async () => {
    script.answer = () => assert.fail('the service was asked');
    const deep = `{"a":${'['.repeat(150)}${']'.repeat(150)}}`;
    const veryDeep = `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`;
    for (const body of ['{', '[]', '"x"', '{"a b":1}', '{"a":"\\u0001"}', '{"a":[[1]]}', deep, veryDeep]) {
      const { status, json } = await call('/scripted/1', body);
      assert.equal(status, 400, body.slice(0, 50));
      assert.equal(json().code, 'INVALID_REQUEST');
    }
    const amplified = await call('/scripted/1', {
      ['a'.repeat(1500)]: Array.from({ length: 1000 }, () => 1),
    });
    assert.match(amplified.json().detail, /too large as XML/);
    const unknown = await call('/1.1/prices/ACME?Curency=EUR');
    assert.match(unknown.json().detail, /"Curency" is not known here; known are Symbol, Currency/);
    assert.equal((await call('/scripted/%ff')).status, 400);
    const large = await call('/scripted/1', { a: 'x'.repeat(5000) });
    assert.deepEqual([large.status, large.json().rule], [413, 'translate.soap.messageSize']);
    const form = await call('/scripted/1', 'a=1', {
      method: 'POST',
      body: 'a=1',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual([form.status, form.headers.get('accept')], [415, 'application/json']);
    const invalid = await call('/scripted/1', null, {
      method: 'POST',
      body: Buffer.from('{"a":"\u00e9"}', 'latin1'),
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(invalid.status, 400, 'not UTF-8');
  });

  it('answers HEAD like GET, without a body', async () => {
    const { status, headers, answer } = await call('/1.1/prices/ACME', null, { method: 'HEAD' });
    assert.deepEqual([status, headers.get('content-length'), answer], [200, '33', '']);
  });

  it('counts calls by how they ended', async () => {
    const { body } = await gateway.admin('/metrics');
    for (const [name, outcome] of [
      ['price', 'answer'],
      ['price', 'client-fault'],
      ['scripted', 'server-fault'],
    ])
      assert.match(
        body,
        new RegExp(`turnpike_soap_calls_total\\{route="${name}",outcome="${outcome}"\\} [1-9]`),
      );
  });
});
