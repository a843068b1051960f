import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answer,
  answerWhole,
  fieldOf,
  fieldsOf,
  rawClient,
  reply,
  scriptedUpstream,
  stall,
  startPlane,
  type Plane,
  type RawClient,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';
import { allowance, answerMessage, grpcDecisionServer } from './grpc-decision-server.ts';

/** A gateway between a client, a service, and a service that authorizes. */
interface Rig {
  readonly plane: Plane;
  readonly client: RawClient;
  readonly service: ScriptedUpstream;
  readonly decider: ScriptedUpstream;
  /** Loads the same configuration again. */
  reload(): Promise<void>;
}

async function rig(t: TestContext, decide: Step, external: object = {}): Promise<Rig> {
  const decider = await scriptedUpstream(decide);
  const service = await scriptedUpstream(answerWhole((body) => reply(`got ${body.toString('latin1')}`)));
  const authorize = {
    external: { url: decider.url, upstreamHeaders: ['x-user'], timeout: '5s', ...external },
  };
  const document = {
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [service.url] } },
    routes: { main: { match: { path: '/*' }, service: 'main', policies: { authorize } } },
  };
  const plane = await startPlane(document);
  const client = await rawClient(plane.port);
  t.after(async () => {
    client.destroy();
    await service.close();
    await plane.close();
    await decider.close();
  });
  return { plane, client, service, decider, reload: () => plane.apply(document) };
}

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: api.example.com\r\nX-User: root\r\n\r\n';

describe('a gateway that asks a service what is allowed', () => {
  it('hands on what that says of the caller, and the body that waited meanwhile', async (t) => {
    const { client, service, decider } = await rig(t, answer(reply('', ['X-User: alice'])));
    const head = 'POST /a HTTP/1.1\r\nHost: api.example.com\r\nX-User: root\r\nContent-Length: 5\r\n\r\n';
    const response = await client.ask(`${head}hello`);
    assert.equal(response.body.toString(), 'got hello');
    const talk = await service.request(0);
    assert.deepEqual(fieldsOf(talk, 'x-user'), ['alice']);
    assert.equal(decider.requests[0]?.target, '/a');
    assert.equal((await decider.requests[0]?.whole())?.body.length, 0);
  });

  it('gives its answer to the client when that is no', async (t) => {
    const fields = ['Location: /login', 'Content-Type: text/html'];
    const no = reply('<p>no', fields, '302 Found');
    const { client, service } = await rig(t, (talk) =>
      talk.write(talk.method === 'HEAD' ? no.replace('<p>no', '') : no),
    );
    const response = await client.ask(GET);
    assert.equal(response.status, 302);
    assert.equal(fieldOf(response, 'location'), '/login');
    assert.equal(response.body.toString(), '<p>no');
    assert.equal((await client.ask(GET.replace('GET', 'HEAD'))).status, 302);
    assert.equal((await client.ask(GET)).status, 302);
    assert.equal(service.requests.length, 0);
  });

  it('stops asking when the client leaves', async (t) => {
    const { client, decider, plane } = await rig(t, stall);
    await client.send(GET);
    const asked = await decider.request(0);
    client.reset();
    await asked.closed();
    const [line] = await plane.lines(1);
    assert.ok(JSON.stringify(line).includes('CLIENT_CLOSED'));
  });

  it('answers with 503 when that takes too long', async (t) => {
    const { client, plane } = await rig(t, stall, { timeout: '20ms' });
    const response = await client.ask(GET);
    assert.equal(response.status, 503);
    assert.match(response.body.toString(), /"code":"AUTHORIZATION_UNAVAILABLE".*"rule":"authorize.external"/);
    assert.ok(JSON.stringify(await plane.lines(1)).includes('AUTHORIZATION_UNAVAILABLE'));
  });

  it('remembers what was decided, also when its configuration is loaded again', async (t) => {
    const { client, service, decider, reload } = await rig(t, answer(reply('', ['X-User: alice'])), {
      cache: '1h',
    });
    for (let i = 0; i < 3; i++) assert.equal((await client.ask(GET)).status, 200);
    await reload();
    assert.equal((await client.ask(GET)).status, 200);
    assert.equal(decider.requests.length, 1);
    assert.equal(service.requests.length, 4);
    assert.deepEqual(fieldsOf(await service.request(3), 'x-user'), ['alice']);
  });

  it('asks over gRPC as well', async (t) => {
    const grpc = await grpcDecisionServer(answerMessage(allowance([['x-user', 'bob']], ['x-drop'])));
    t.after(() => grpc.close());
    const { client, service } = await rig(t, stall, { url: grpc.url.replace('http', 'grpc') });
    assert.equal((await client.ask(GET.replace('\r\n\r\n', '\r\nX-Drop: 1\r\n\r\n'))).status, 200);
    const talk = await service.request(0);
    assert.deepEqual(fieldsOf(talk, 'x-user'), ['bob']);
    assert.equal(fieldOf(talk, 'x-drop'), undefined);
  });
});
