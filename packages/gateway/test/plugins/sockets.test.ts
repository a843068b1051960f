// Plugins and bodies over real sockets: nothing is held back, nothing is left open.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Slot } from '@turnpike/sdk';
import { answer, answerWhole, reply, stall, type Step } from '@turnpike/testkit';
import { chunks, codeOf, gateway, get, request, type Rig } from '../wire/fixture.ts';

let files = 0;

/** A gateway with a plugin whose handler has this code. */
function pluginRig(t: TestContext, upstream: Step, code: string, slot: Slot = 'before-cache'): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-plugin-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'own.ts');
  writeFileSync(
    file,
    `import { definePolicy, problem, respond, type Next } from '@turnpike/sdk';
    export default definePolicy({ name: 'own', slot: '${slot}', schema: { type: 'object' },
      create: () => (next: Next) => async (exchange) => { ${code} } });`,
  );
  const plugin = { file, digest: `${++files}`, name: 'own', slot, mode: 'on', with: {} } as const;
  return gateway(t, { upstream, policies: { plugins: [plugin], timeoutMs: 60_000 } });
}

const UPPER = `
  const reply = await next(exchange);
  const upper = async function* (chunks) { for await (const c of chunks) yield Buffer.from(c.toString().toUpperCase()); };
  reply.body.replace(upper(reply.body.stream()));
  return reply;`;

describe('a plugin on real connections', () => {
  it('passes pieces on as they come', async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const upstream: Step = async (talk) => {
      await talk.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
      await promise;
      await talk.write('3\r\ntwo\r\n0\r\n\r\n');
    };
    const rig = await pluginRig(t, upstream, UPPER);
    const client = await rig.client();
    await client.send(get());
    while (!client.rest.includes('ONE')) await client.received(client.bytesReceived + 1);
    assert.ok(!client.rest.includes('TWO'));
    resolve();
    const response = await client.response();
    assert.equal(response.body.toString(), 'ONETWO');
  });

  it('keeps pace with a client that reads slowly, and changes a large body as it goes', async (t) => {
    const large = 'abcdefgh'.repeat(500_000);
    const rig = await pluginRig(t, answer(reply(large)), UPPER);
    const response = await (await rig.client()).ask(get());
    assert.equal(response.body.length, large.length);
    assert.ok(response.body.equals(Buffer.from(large.toUpperCase())));
  });

  it('lets the service go when the client goes, in the middle of a body', async (t) => {
    const upstream: Step = async (talk) => {
      await talk.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
      await talk.closed();
    };
    const rig = await pluginRig(t, upstream, UPPER);
    const client = await rig.client();
    await client.send(get());
    while (!client.rest.includes('ONE')) await client.received(client.bytesReceived + 1);
    client.reset();
    await rig.upstream.whenIdle();
  });

  it('lets the service go when it answers by itself', async (t) => {
    const upstream: Step = async (talk) => {
      await talk.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
      await talk.closed();
    };
    const rig = await pluginRig(t, upstream, `await next(exchange); return respond({ body: 'mine' });`);
    const response = await (await rig.client()).ask(get());
    assert.equal(response.body.toString(), 'mine');
    await rig.upstream.whenIdle();
  });

  it('ends with the client, while it waits for something of its own', async (t) => {
    const rig = await pluginRig(t, stall, `await new Promise(() => {});`);
    const client = await rig.client();
    await client.send(get());
    client.reset();
    // The plane does not close while an exchange is under way.
  });

  it('replaces the body of a request; a connection ends whose bytes nobody has read', async (t) => {
    const code = `exchange.body.replace('mine'); return next(exchange);`;
    const rig = await pluginRig(
      t,
      answerWhole((body) => reply(`got ${body.toString()}`)),
      code,
    );
    const client = await rig.client();
    const whole = await client.ask(request('POST /', [], 'of the client'));
    assert.equal(whole.body.toString(), 'got mine');
    assert.equal((await client.ask(request('POST /', [], 'again'))).body.toString(), 'got mine');
    const chunked = request('POST /', ['Transfer-Encoding: chunked']) + chunks(['x'.repeat(100_000)]);
    assert.equal((await client.ask(chunked)).body.toString(), 'got mine');
    await client.closed();
  });

  it('changes the body of a request as it streams past', async (t) => {
    const code = `
      const upper = async function* (chunks) { for await (const c of chunks) yield Buffer.from(c.toString().toUpperCase()); };
      exchange.body.replace(upper(exchange.body.stream())); return next(exchange);`;
    const rig = await pluginRig(
      t,
      answerWhole((body) => reply(String(body.length) + body.subarray(0, 3))),
      code,
    );
    const response = await (
      await rig.client()
    ).ask(request('POST /', ['Transfer-Encoding: chunked']) + chunks(['abc', 'x'.repeat(100_000)]));
    assert.equal(response.body.toString(), '100003ABC');
  });

  it('refuses before a body was read, and the client learns it', async (t) => {
    const rig = await pluginRig(t, stall, `return problem(403, 'NOT_HERE');`, 'before-authenticate');
    const response = await (await rig.client()).ask(request('POST /', [], 'x'.repeat(1000)));
    assert.equal(response.status, 403);
    assert.equal(codeOf(response), 'NOT_HERE');
  });

  it('is counted by its name', async (t) => {
    const rig = await pluginRig(
      t,
      answer(reply('ok')),
      `if (exchange.url.path === '/b') throw new Error('boo'); return next(exchange);`,
    );
    const client = await rig.client();
    await client.ask(get('/a'));
    await client.ask(get('/b'));
    const metrics = rig.plane.metrics();
    assert.match(
      metrics,
      /policy_decisions_total\{[^}]*decision="allowed"[^}]*policy="plugins.own"[^}]*\} 1|policy_decisions_total\{[^}]*policy="plugins.own"[^}]*decision="allowed"[^}]*\} 1/,
    );
    assert.match(metrics, /policy_decisions_total\{[^}]*plugins.own[^}]*\} 1/);
    assert.ok(rig.plane.log.some(({ message }) => message === 'a plugin failed'));
  });
});
