import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, fieldsOf, hangUp, reply, type Message } from '@turnpike/testkit';
import { codeOf, gateway, get, request, type GatewayPlan } from '../wire/fixture.ts';

const APP = 'https://app.example.com';
const CORS = { origins: [APP], headers: ['authorization', 'content-type'], credentials: true, maxAge: '10m' };

/** What Chromium sends before a `fetch` with `Authorization` and JSON. */
function chromium(target: string, method: string, ...more: readonly string[]): string {
  return request(`OPTIONS ${target}`, [
    'Connection: keep-alive',
    'Accept: */*',
    `Access-Control-Request-Method: ${method}`,
    'Access-Control-Request-Headers: authorization,content-type',
    `Origin: ${APP}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Dest: empty',
    `Referer: ${APP}/`,
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en-US;q=0.9,en;q=0.8',
    ...more,
  ]);
}

/** What Firefox sends before the same: other fields, in another order. */
function firefox(target: string, method: string): string {
  return request(`OPTIONS ${target}`, [
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: */*',
    'Accept-Language: en-GB,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br, zstd',
    `Access-Control-Request-Method: ${method}`,
    'Access-Control-Request-Headers: authorization,content-type',
    `Referer: ${APP}/`,
    `Origin: ${APP}`,
    'Connection: keep-alive',
    'Sec-Fetch-Dest: empty',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Site: cross-site',
    'Priority: u=4',
  ]);
}

/** `Vary` and the CORS fields of a response as lines, without the long prefix. */
function corsLines(message: Message): string[] {
  const lines = message.head.split('\r\n').filter((line) => /^(vary|access-control-)/i.test(line));
  return lines.map((line) => line.replace(/^access-control-/i, ''));
}

const GRANTED = [
  'Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  `Allow-Origin: ${APP}`,
  'Allow-Credentials: true',
];

/** What is granted for the fields and the time that `CORS` has. */
function granted(methods: string): string[] {
  return [
    ...GRANTED,
    `Allow-Methods: ${methods}`,
    'Allow-Headers: authorization, content-type',
    'Max-Age: 600',
  ];
}

/** A gateway with these routes; all go to a service that says which method it saw. */
async function rig(t: TestContext, routes: GatewayPlan['routes'], plan: Partial<GatewayPlan> = {}) {
  const { client, upstream, plane } = await gateway(t, {
    upstream: async (talk) => {
      await talk.whole();
      await talk.write(reply(talk.method === 'HEAD' ? '' : `the service got ${talk.method}`));
    },
    route: { match: { path: '/elsewhere' } },
    ...plan,
    routes: Object.fromEntries(
      Object.entries(routes ?? {}).map(([id, route]) => [id, { service: 'main', ...route }]),
    ),
  });
  return { connection: await client(), upstream, plane };
}

describe('a preflight', () => {
  it('of a browser is answered on a route that does not name OPTIONS, and the connection goes on', async (t) => {
    const { connection, upstream, plane } = await rig(t, {
      api: { match: { path: '/api/{id}', methods: ['GET', 'PUT'] }, policies: { cors: CORS } },
    });
    for (const browser of [chromium, firefox]) {
      const response = await connection.ask(browser('/api/7', 'PUT'));
      assert.equal(response.status, 204);
      assert.deepEqual(corsLines(response), granted('GET, PUT'));
      assert.deepEqual(fieldsOf(response, 'content-length'), []);
      assert.deepEqual(fieldsOf(response, 'content-type'), []);
    }
    assert.equal(upstream.requests.length, 0);
    const response = await connection.ask(request('PUT /api/7', [`Origin: ${APP}`], '{}'));
    assert.deepEqual(corsLines(response), [
      'Vary: Origin',
      `Allow-Origin: ${APP}`,
      'Allow-Credentials: true',
    ]);
    assert.equal(response.body.toString(), 'the service got PUT');
    const [line] = await plane.lines(3);
    assert.equal(line?.['route'], 'api');
    assert.equal(line?.['status'], 204);
  });

  it('goes to the route of the method that it asks about', async (t) => {
    const { connection } = await rig(t, {
      read: { match: { path: '/api/*', methods: ['GET'] }, policies: { cors: { origins: ['*'] } } },
      write: { match: { path: '/api/*', methods: ['PUT', 'DELETE'] }, policies: { cors: CORS } },
    });
    const methods = async (method: string): Promise<string | undefined> =>
      corsLines(await connection.ask(chromium('/api/7', method))).find((line) =>
        line.startsWith('Allow-Methods'),
      );
    assert.equal(await methods('GET'), 'Allow-Methods: GET');
    assert.equal(await methods('DELETE'), 'Allow-Methods: PUT, DELETE');
  });

  it('goes by a condition on a header that it announces, and by no other', async (t) => {
    const headers = { 'content-type': 'application/json' };
    const { connection } = await rig(t, {
      json: { match: { path: '/api', methods: ['PUT'], headers }, policies: { cors: CORS } },
      other: {
        match: { path: '/other', methods: ['PUT'], headers: { 'x-a': '1' } },
        policies: { cors: CORS },
      },
    });
    assert.deepEqual(corsLines(await connection.ask(chromium('/api', 'PUT'))), granted('PUT'));
    const other = await connection.ask(chromium('/other', 'PUT'));
    assert.equal(other.status, 404);
  });

  it('for a method that no route has is told which ones there are', async (t) => {
    const { connection } = await rig(t, {
      api: { match: { path: '/api', methods: ['GET', 'PUT'] }, policies: { cors: CORS } },
    });
    const response = await connection.ask(chromium('/api', 'DELETE'));
    assert.equal(response.status, 204);
    assert.deepEqual(corsLines(response), granted('GET, PUT'));
  });

  it('is any other OPTIONS on a route without cors', async (t) => {
    const { connection } = await rig(t, {
      some: { match: { path: '/some', methods: ['GET', 'PUT'] } },
      all: { match: { path: '/all' } },
      reported: {
        match: { path: '/reported', methods: ['PUT'] },
        policies: { cors: { ...CORS, mode: 'report' } },
      },
    });
    for (const target of ['/some', '/reported']) {
      const own = await connection.ask(chromium(target, 'PUT'));
      assert.equal(own.status, 204);
      assert.deepEqual(corsLines(own), []);
      assert.match(fieldsOf(own, 'allow').join(), /PUT.*OPTIONS/);
    }
    const passed = await connection.ask(chromium('/all', 'PUT'));
    assert.equal(passed.body.toString(), 'the service got OPTIONS');
    const missing = await connection.ask(chromium('/none', 'PUT'));
    assert.equal(missing.status, 404);
    assert.deepEqual(corsLines(missing), []);
  });

  it('is what asks for a method, so that other OPTIONS still reach the service', async (t) => {
    const { connection } = await rig(t, { api: { match: { path: '/api' }, policies: { cors: CORS } } });
    for (const fields of [[], [`Origin: ${APP}`], ['Access-Control-Request-Method: PUT']]) {
      const response = await connection.ask(request('OPTIONS /api', fields));
      assert.equal(response.body.toString(), 'the service got OPTIONS');
    }
  });

  it('needs no credentials; the refusal of the request itself can be read by the script', async (t) => {
    const { connection } = await rig(
      t,
      {
        api: {
          match: { path: '/api', methods: ['PUT'] },
          policies: { cors: CORS, authenticate: { with: ['consumers'] } },
        },
      },
      { sections: { consumers: { acme: { keys: ['an-api-key-for-tests-only'] } } } },
    );
    assert.equal((await connection.ask(chromium('/api', 'PUT'))).status, 204);
    const refused = await connection.ask(request('PUT /api', [`Origin: ${APP}`], 'x'));
    assert.equal(refused.status, 401);
    assert.deepEqual(corsLines(refused), ['Vary: Origin', `Allow-Origin: ${APP}`, 'Allow-Credentials: true']);
  });

  it('to a private network is let in where the route says so', async (t) => {
    const { connection } = await rig(t, {
      api: {
        match: { path: '/api', methods: ['PUT'] },
        policies: { cors: { ...CORS, privateNetwork: true } },
      },
    });
    const asks = 'Access-Control-Request-Private-Network: true';
    const lines = corsLines(await connection.ask(chromium('/api', 'PUT', asks)));
    assert.ok(lines.includes('Allow-Private-Network: true'));
    assert.match(lines[0] ?? '', /^Vary: .*Access-Control-Request-Private-Network$/);
  });
});

describe('replies to scripts of other origins', () => {
  const OPENED = [`Allow-Origin: ${APP}`, 'Allow-Credentials: true'];

  it('carry our fields in place of those of the service, once', async (t) => {
    const fields = [
      'Access-Control-Allow-Origin: *',
      'access-control-allow-origin: https://evil.example',
      'Access-Control-Allow-Credentials: false',
      'Access-Control-Expose-Headers: *',
      'Vary: Accept',
    ];
    const { connection } = await rig(
      t,
      { api: { match: { path: '/api' }, policies: { cors: CORS } } },
      { upstream: answer(reply('hi', fields)) },
    );
    const mine = await connection.ask(get('/api', `Origin: ${APP}`));
    assert.deepEqual(corsLines(mine), ['Vary: Accept, Origin', ...OPENED]);
    const strange = await connection.ask(get('/api', 'Origin: https://evil.example'));
    assert.equal(strange.body.toString(), 'hi');
    assert.deepEqual(corsLines(strange), ['Vary: Accept, Origin']);
    const none = await connection.ask(get('/api'));
    assert.deepEqual(corsLines(none), ['Vary: Accept, Origin']);
  });

  it('carry them without a body as well', async (t) => {
    const { connection } = await rig(
      t,
      { api: { match: { path: '/api' }, policies: { cors: CORS } } },
      {
        upstream: async (talk) => {
          await talk.whole();
          const status = fieldsOf(talk, 'x-status').join();
          const length = talk.method === 'HEAD' ? 'Content-Length: 5\r\n' : '';
          await talk.write(`HTTP/1.1 ${status}\r\nVary: *\r\n${length}\r\n`);
        },
      },
    );
    for (const status of ['204 No Content', '304 Not Modified']) {
      const response = await connection.ask(get('/api', `Origin: ${APP}`, `X-Status: ${status}`));
      assert.equal(response.status, Number(status.slice(0, 3)));
      assert.deepEqual(corsLines(response), ['Vary: *', ...OPENED]);
    }
    const head = request('HEAD /api', [`Origin: ${APP}`, 'X-Status: 200 OK']);
    const response = await connection.ask(head);
    assert.equal(fieldsOf(response, 'content-length').join(), '5');
    assert.deepEqual(corsLines(response), ['Vary: *', ...OPENED]);
  });

  it('carry them on errors of the service and of the gateway', async (t) => {
    const { connection, upstream } = await rig(
      t,
      {
        api: {
          match: { path: '/api' },
          policies: { cors: CORS, limits: { bodyBytes: '1KiB', queryCount: 1 } },
        },
      },
      { upstream: answer(reply('no', [], '500 Internal Server Error')) },
    );
    const failed = await connection.ask(get('/api', `Origin: ${APP}`));
    assert.equal(failed.status, 500);
    assert.deepEqual(corsLines(failed), ['Vary: Origin', ...OPENED]);
    const refused = await connection.ask(get('/api?a&b', `Origin: ${APP}`));
    assert.equal(codeOf(refused), 'INVALID_REQUEST');
    assert.deepEqual(corsLines(refused), ['Vary: Origin', ...OPENED]);
    upstream.script(hangUp);
    const lost = await connection.ask(request('POST /api', [`Origin: ${APP}`], 'x'));
    assert.equal(codeOf(lost), 'UPSTREAM_RESET');
    assert.deepEqual(corsLines(lost), ['Vary: Origin', ...OPENED]);
  });

  it('are the same bytes in report mode as without cors', async (t) => {
    const { connection } = await rig(
      t,
      {
        plain: { match: { path: '/plain', methods: ['GET', 'OPTIONS'] } },
        reported: {
          match: { path: '/reported', methods: ['GET', 'OPTIONS'] },
          policies: { cors: { ...CORS, mode: 'report' } },
        },
      },
      {
        upstream: answer(
          reply('hi', ['Access-Control-Allow-Origin: *', 'Date: Mon, 06 Jul 2026 00:00:00 GMT']),
        ),
      },
    );
    const bytesOf = async (message: string): Promise<string> => {
      const { head, body } = await connection.ask(message);
      return head.replace(/X-Request-Id: .*\r\n/, '') + body.toString('latin1');
    };
    for (const origin of [APP, 'https://evil.example']) {
      const asked = (target: string): string => get(target, `Origin: ${origin}`);
      assert.equal(await bytesOf(asked('/reported')), await bytesOf(asked('/plain')));
    }
    assert.equal(await bytesOf(chromium('/reported', 'GET')), await bytesOf(chromium('/plain', 'GET')));
  });
});
