// The live view through the program: tail, debug-token and explain --live.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, echoService, startTurnpike, turnpike } from './cli-program.ts';

const GATEWAY = (service: number, telemetry: string) => `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
telemetry: { accessLog: off${telemetry} }
runtime: { threads: 2 }
services: { shop: { endpoints: ["http://127.0.0.1:${service}"] } }
routes:
  orders: { match: { path: "/orders/{id}" }, service: shop }
  shut:
    match: { path: /shut }
    service: shop
    policies: { ipAccess: { deny: [127.0.0.0/8] } }
`;
const DEBUG = ', debug: { secret: "${env:DEBUG_SECRET}" }';
const SECRET = { DEBUG_SECRET: 'a-secret-of-at-least-thirty-two-characters' };

async function running(context: TestContext, telemetry = DEBUG) {
  const text = GATEWAY(await echoService(context), telemetry);
  const cwd = directoryWith(context, { 'gateway.yaml': text });
  const gateway = startTurnpike(context, ['start'], { cwd, env: SECRET });
  const [, web = '', admin = ''] = await gateway.says(/"ports":\{"web":(\d+)\},"admin":(\d+)/);
  const env = { ...SECRET, TURNPIKE_ADMIN: `127.0.0.1:${admin}`, TURNPIKE_TOKEN: '' };
  return { url: `http://127.0.0.1:${web}`, how: { cwd, env } };
}

describe('turnpike tail', () => {
  it('shows what a filter lets through', async (context) => {
    const { url, how } = await running(context);
    const tail = startTurnpike(context, ['tail', '--filter', 'line.status == 403'], how);
    let isSeen = false;
    const seen = tail.says(/403 .*GET .*\/shut .*shut.*IP_DENIED/).then(() => (isSeen = true));
    const state = { isSeen: () => isSeen };
    while (!state.isSeen()) {
      await (await fetch(`${url}/orders/1`)).text();
      await (await fetch(`${url}/shut`)).text();
    }
    await seen;
    tail.child.kill('SIGKILL');
    assert.doesNotMatch((await tail.ended).out, /orders/);
  });

  it('says what is wrong with a filter, and when there is no gateway', async (context) => {
    const { how } = await running(context);
    const wrong = await turnpike(['tail', '--filter', 'status = 1'], how);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /the filter/);
    assert.equal((await turnpike(['tail', '--admin', '127.0.0.1:1'])).code, 1);
  });
});

describe('turnpike explain --live', () => {
  it('says what became of a request, stage by stage', async (context) => {
    const { url, how } = await running(context);
    const { code, out } = await turnpike(['explain', '--live', 'GET', `${url}/orders/7?a=b`], how);
    assert.equal(code, 0);
    assert.match(out, /^route +orders +.*gateway\.yaml:8/m);
    assert.match(out, /^reply +200 /m);
    assert.match(out, /\+ +orders .*chosen/);
    assert.match(out, /target +passed/);
    assert.match(out, /forward +answered +\d+ µs +200/);
    assert.match(out, /^attempt +127\.0\.0\.1:\d+ +picked by/m);
  });

  it('names the policy and the line that refused it, with a token made before', async (context) => {
    const { url, how } = await running(context);
    const made = await turnpike(['debug-token', '--for', '1m'], how);
    assert.equal(made.code, 0);
    const args = ['explain', '--live', '--debug-token', made.out.trim(), 'GET', `${url}/shut`];
    const text = await turnpike(args, how);
    assert.match(text.out, /^made +by ip-access, ipAccess\S*, .*gateway\.yaml:9/m);
    const json = await turnpike([...args, '--json'], how);
    assert.equal(JSON.parse(json.out).reply.code, 'IP_DENIED');
    const nowhere = await turnpike(['explain', '--live', 'GET', `${url}/none`], how);
    assert.equal(nowhere.code, 4);
  });

  it('says what is missing', async (context) => {
    const { url, how } = await running(context, '');
    const live = ['explain', '--live', 'GET', `${url}/shut`];
    assert.match((await turnpike(live, how)).err, /telemetry\.debug/);
    const foreign = await turnpike([...live, '--debug-token', '1.x'], how);
    assert.match(foreign.err, /no trace came back/);
    assert.equal((await turnpike(['explain', '--live', '--debug-token', 'x', 'GET', '/shut'], how)).code, 2);
    assert.equal((await turnpike(['debug-token', '--for', '2d'], how)).code, 2);
  });
});
