import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answerWhole,
  chunkedReply,
  answer,
  fieldOf,
  rawClient,
  reply,
  scriptedUpstream,
  startPlane,
  type Plane,
  type RawClient,
  type RawResponse,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';

const PATH = '/schemas/notes.json';
const NOTE = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' } },
  additionalProperties: false,
};
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Notes', version: '1' },
  paths: {
    '/notes/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      get: { responses: { 200: { description: '', ...json(NOTE) } } },
      put: { requestBody: { required: true, ...json(NOTE) }, responses: { 200: { description: '' } } },
    },
  },
};

interface Rig {
  readonly plane: Plane;
  readonly client: RawClient;
  readonly service: ScriptedUpstream;
}

/** A gateway that validates, in front of a service that says what it got. */
async function rig(t: TestContext, policy: object = {}, step: Step = echo): Promise<Rig> {
  const service = await scriptedUpstream(step);
  const validate = { openapi: PATH, basePath: '/v1', ...policy };
  const plane = await startPlane(
    {
      listeners: { web: { address: '127.0.0.1:0' } },
      services: { main: { endpoints: [service.url] } },
      routes: { main: { match: { path: '/*' }, service: 'main', policies: { validate } } },
    },
    { [PATH]: JSON.stringify(DOCUMENT) },
  );
  const client = await rawClient(plane.port);
  t.after(async () => {
    client.destroy();
    await service.close();
    await plane.close();
  });
  return { plane, client, service };
}

const echo: Step = answerWhole((body) => reply(body.toString('latin1'), ['Content-Type: text/plain']));

function put(fields: readonly string[], path = '/v1/notes/1'): string {
  const all = ['Host: api.example.com', 'Content-Type: application/json', ...fields];
  return `PUT ${path} HTTP/1.1\r\n${all.map((field) => `${field}\r\n`).join('')}\r\n`;
}

function sized(body: string, path?: string): string {
  return put([`Content-Length: ${body.length}`], path) + body;
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

const CHUNKED = 'Transfer-Encoding: chunked';
const GET = 'GET /v1/notes/1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n';

/** A note of so many bytes. */
function note(bytes: number): string {
  return JSON.stringify({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
}

function errorsOf({ body }: RawResponse): unknown {
  return (JSON.parse(body.toString()) as { errors?: unknown }).errors;
}

describe('a gateway that validates requests', () => {
  it('lets through what is as described, byte for byte', async (t) => {
    const { client, service } = await rig(t);
    const body = '{"text" : "J\xc3\xb6rg"}';
    assert.equal((await client.ask(sized(body))).body.toString('latin1'), body);
    const chunks = `${put([CHUNKED])}${chunk(body.slice(0, 5))}${chunk(body.slice(5))}0\r\n\r\n`;
    assert.equal((await client.ask(chunks)).body.toString('latin1'), body);
    assert.equal(fieldOf(await service.request(1), 'content-length'), String(body.length));
  });

  it('tells what is wrong, and keeps the connection', async (t) => {
    const { client, service } = await rig(t);
    const response = await client.ask(sized('{"txt":"secret"}', '/v1/notes/x'));
    assert.equal(response.status, 400);
    assert.equal(fieldOf(response, 'content-type'), 'application/problem+json');
    assert.deepEqual(errorsOf(response), [
      { detail: 'must be integer', in: 'path', parameter: 'id', keyword: 'type' },
      { detail: "must have required property 'text'", in: 'body', pointer: '#', keyword: 'required' },
      { detail: 'must not be there', in: 'body', pointer: '#/txt', keyword: 'additionalProperties' },
    ]);
    assert.equal((await client.ask(sized('{"text":""}'))).status, 200);
    assert.equal(service.requests.length, 1);
  });

  it('answers for paths and methods that the document does not have', async (t) => {
    const { client } = await rig(t);
    assert.equal((await client.ask(GET.replace('/v1', '/v2'))).status, 404);
    const response = await client.ask(GET.replace('GET', 'DELETE'));
    assert.deepEqual([response.status, fieldOf(response, 'allow')], [405, 'GET, PUT, HEAD']);
  });

  it('takes bodies up to its limit, in whatever pieces they come', async (t) => {
    const { client, service } = await rig(t, { bodyBytes: '512KiB' });
    const body = note(512 * 1024);
    await client.send(put([CHUNKED]));
    for (let at = 0; at < body.length; at += 100_000) await client.send(chunk(body.slice(at, at + 100_000)));
    await client.send('0\r\n\r\n');
    assert.equal((await client.response('PUT')).body.toString(), body);
    assert.equal((await (await service.request(0)).whole()).body.length, body.length);
  });

  it('refuses larger ones: before they are sent, or as soon as they are too large', async (t) => {
    const { client, service, plane } = await rig(t, { bodyBytes: '64KiB' });
    const declared = await client.ask(put([`Content-Length: ${1024 * 1024}`, 'Expect: 100-continue']));
    assert.deepEqual([declared.status, declared.interims.length], [413, 0]);
    const other = await rawClient(plane.port);
    await other.send(`${put([CHUNKED])}${chunk('x'.repeat(65_537))}`);
    assert.equal((await other.response('PUT')).status, 413);
    other.destroy();
    assert.equal(service.requests.length, 0);
  });

  it('asks for a body that the client holds back only if the rest is right', async (t) => {
    const { client, plane } = await rig(t);
    const body = '{"text":""}';
    const fields = [`Content-Length: ${body.length}`, 'Expect: 100-continue'];
    await client.send(put(fields));
    assert.match((await client.interim()).startLine, / 100 /);
    assert.equal((await client.ask(body, 'PUT')).body.toString(), body);
    const other = await rawClient(plane.port);
    const refused = await other.ask(put(fields, '/v1/notes/x'), 'PUT');
    assert.deepEqual([refused.status, refused.interims.length], [400, 0]);
    other.destroy();
  });

  it('does not look into compressed bodies, and says so', async (t) => {
    const { client } = await rig(t);
    const response = await client.ask(put(['Content-Encoding: gzip', 'Content-Length: 2']) + 'xx');
    assert.deepEqual([response.status, fieldOf(response, 'accept-encoding')], [415, 'identity']);
  });

  it('keeps the trailers of what it collects', async (t) => {
    const { client, service } = await rig(t);
    await client.ask(`${put([CHUNKED, 'Trailer: X-Sum'])}${chunk('{"text":""}')}0\r\nX-Sum: 1\r\n\r\n`);
    const message = await (await service.request(0)).whole();
    assert.equal(message.body.toString(), '{"text":""}');
    assert.deepEqual(message.trailers, [['X-Sum', '1']]);
  });

  it('forgets what it has collected when the client leaves', async (t) => {
    const { client, service, plane } = await rig(t);
    await client.send(`${put([CHUNKED])}${chunk('{"text":')}`);
    client.reset();
    const [line] = await plane.lines(1);
    assert.ok(JSON.stringify(line).includes('CLIENT_CLOSED'));
    assert.equal(service.requests.length, 0);
  });

  it('waits for nothing where it only reports', async (t) => {
    const { client, service } = await rig(t, { mode: 'report' });
    await client.send(`${put([CHUNKED], '/v1/notes/1')}${chunk('{"txt":')}`);
    const talk = await service.request(0);
    assert.equal(fieldOf(talk, 'transfer-encoding'), 'chunked');
    await client.send(`${chunk('1}')}0\r\n\r\n`);
    assert.equal((await client.response('PUT')).body.toString(), '{"txt":1}');
    assert.equal((await client.ask(sized('{', '/elsewhere'))).body.toString(), '{');
  });
});

describe('a gateway that validates responses', () => {
  const asJson = ['Content-Type: application/json'];

  it('puts its own answer in the place of one that is not as described', async (t) => {
    const { client, plane } = await rig(
      t,
      { responses: 'enforce' },
      answer(chunkedReply(['{"text":', '"a"}'], [], asJson)),
    );
    const right = await client.ask(GET);
    assert.deepEqual([right.status, right.body.toString()], [200, '{"text":"a"}']);
    assert.equal(plane.log.length, 0);
  });

  it('puts its own answer in the place of one that is wrong', async (t) => {
    const { client, plane } = await rig(
      t,
      { responses: 'enforce' },
      answer(chunkedReply(['{"txt":', '"secret"}'], [], asJson)),
    );
    for (let i = 0; i < 2; i++) {
      const wrong = await client.ask(GET);
      assert.equal(wrong.status, 502);
      assert.equal(fieldOf(wrong, 'proxy-status'), 'turnpike; error=http_protocol_error');
      assert.doesNotMatch(wrong.body.toString(), /secret|txt/);
    }
    const warnings = plane.log.filter(({ level }) => level !== 'debug');
    assert.equal(warnings.length, 1, 'told once');
    assert.equal(warnings[0]?.level, 'warn');
  });

  it('lets one through that is too large to be looked at', async (t) => {
    const body = note(200_000);
    const { client } = await rig(
      t,
      { responses: 'enforce', bodyBytes: '64KiB' },
      answer(chunkedReply([body.slice(0, 100_000), body.slice(100_000)], [], asJson)),
    );
    assert.equal((await client.ask(GET)).body.toString(), body);
  });

  it('lets everything through where it only reports', async (t) => {
    const { client, plane } = await rig(
      t,
      { responses: 'report' },
      answer(chunkedReply(['{"txt":', '1}'], [], asJson)),
    );
    const response = await client.ask(GET);
    assert.deepEqual([response.status, response.body.toString()], [200, '{"txt":1}']);
    assert.equal(fieldOf(response, 'transfer-encoding'), 'chunked');
    assert.equal(plane.log[0]?.level, 'warn');
  });
});
