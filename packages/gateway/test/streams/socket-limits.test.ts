import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { once } from 'node:events';
import { eventually, within } from '@turnpike/testkit';
import { closeOf, socketRig, textFrom } from './socket-rig.ts';

describe('what clients may send through a WebSocket', () => {
  it('is bounded by the message, in however many parts', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { maxMessageBytes: 1000 } } });
    const client = await rig.open();
    client.send('x'.repeat(1000));
    assert.equal((await textFrom(client)).length, 1000);
    const closed = closeOf(client);
    const [server] = rig.servers;
    assert.ok(server !== undefined);
    const serverClosed = closeOf(server);
    client.send('x'.repeat(600), { fin: false });
    client.send('x'.repeat(600));
    assert.deepEqual(await closed, [1009, 'a message has more than 1000 bytes']);
    assert.equal((await serverClosed)[0], 1009);
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['closed'], 'message-size');
    assert.equal(line?.['closeCode'], 1009);
    assert.match(
      rig.plane.metrics(),
      /turnpike_websocket_closes_total\{route="live",reason="message-size"\} 1/,
    );
  });

  it('is not bounded the other way', async (t) => {
    const rig = await socketRig(t, {
      policies: { websocket: { maxMessageBytes: 10 } },
      talk: (socket) => socket.on('message', () => socket.send('x'.repeat(100_000))),
    });
    const client = await rig.open();
    client.send('more');
    assert.equal((await textFrom(client)).length, 100_000);
  });

  it('is bounded in number', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { messages: { limit: 5, per: '1h' } } } });
    const client = await rig.open();
    const closed = closeOf(client);
    let echoed = 0;
    client.on('message', () => echoed++);
    for (let i = 0; i < 6; i++) client.send(String(i));
    assert.deepEqual(await closed, [1008, 'too many messages']);
    assert.ok(echoed <= 5);
    await eventually(() => /from="client"\} 5/.test(rig.plane.metrics()), 'five messages counted');
  });

  it('may be compressed where both sides agreed', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { maxMessageBytes: 4096 } }, deflate: true });
    const client = await rig.open({ perMessageDeflate: { threshold: 0 } });
    assert.match(client.extensions, /permessage-deflate/);
    client.send('x'.repeat(100_000));
    assert.equal((await textFrom(client)).length, 100_000);
  });

  it('ends with 1002 on both sides when it is not the protocol', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: {} } });
    const client = await rig.open();
    const [server] = rig.servers;
    assert.ok(server !== undefined);
    const ends = [closeOf(client), closeOf(server)];
    const socket: unknown = Reflect.get(client, '_socket');
    (socket as NodeJS.WritableStream).write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    assert.deepEqual(await Promise.all(ends), [
      [1002, 'unknown opcode'],
      [1002, 'unknown opcode'],
    ]);
  });

  it('ends with 1002 on both sides when the service does not speak it', async (t) => {
    const rig = await socketRig(t, {
      policies: { websocket: {} },
      talk(socket) {
        const raw: unknown = Reflect.get(socket, '_socket');
        socket.on('message', () => (raw as NodeJS.WritableStream).write(Buffer.from([0x83, 0])));
      },
    });
    const client = await rig.open();
    const closed = closeOf(client);
    client.send('go');
    assert.deepEqual(await closed, [1002, 'unknown opcode']);
  });
});

describe('the times of a WebSocket', () => {
  it('end it when it is idle', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { idleTimeout: '100ms', ping: 'off' } } });
    const client = await rig.open();
    assert.deepEqual(await closeOf(client), [1001, 'idle for too long']);
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['closed'], 'idle');
  });

  it('end it after its lifetime', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { lifetime: '100ms' } } });
    const client = await rig.open();
    const timer = setInterval(() => client.send('busy'), 10);
    t.after(() => clearInterval(timer));
    assert.deepEqual(await closeOf(client), [1001, 'open for as long as it may be']);
  });

  it('ping both sides, and end it when one does not answer', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { ping: '100ms', idleTimeout: 'off' } } });
    const lively = await rig.open();
    const pings = { client: 0, service: 0 };
    lively.on('ping', () => pings.client++);
    rig.servers[0]?.on('ping', () => pings.service++);
    await eventually(() => pings.client > 2 && pings.service > 2, 'three pings to each side');
    lively.send('still there');
    assert.equal(await textFrom(lively), 'still there');
    const silent = await rig.open({ autoPong: false });
    assert.deepEqual(await closeOf(silent), [1001, 'no answer to a ping']);
    lively.close(4000);
    assert.equal((await closeOf(lively))[0], 4000);
  });

  it('end it with the credentials of the caller', async (t) => {
    const expires = new Date(Date.now() + 1500).toISOString();
    const options = (closeOnExpiry: boolean) => ({
      policies: {
        authenticate: { with: 'consumers', apiKeyFrom: ['header:x-api-key'] },
        websocket: { closeOnExpiry },
      },
      sections: { consumers: { app: { keys: [{ key: 'the-key-of-the-application-0001', expires }] } } },
    });
    const headers = { 'x-api-key': 'the-key-of-the-application-0001' };
    const [closing, staying] = await Promise.all([socketRig(t, options(true)), socketRig(t, options(false))]);
    const [client, other] = await Promise.all([closing.open({ headers }), staying.open({ headers })]);
    assert.deepEqual(await closeOf(client), [3000, 'the credentials have expired']);
    const [line] = await closing.plane.lines(1);
    assert.deepEqual([line?.['closed'], line?.['closeCode']], ['expired', 3000]);
    other.send('still there');
    assert.equal(await textFrom(other), 'still there');
    assert.equal((await staying.refused({ headers })).statusCode, 401);
  });

  it('do not wait for ever for an answer to a close', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { lifetime: '50ms' } } });
    const client = await rig.open({ autoPong: false });
    const [server] = rig.servers;
    client.pause();
    server?.pause();
    await within(rig.plane.lines(1), 'the end of a WebSocket without answers');
    assert.equal(rig.plane.inflight(), 0);
    client.resume();
    await within(once(client, 'close'), 'the end of the client');
  });
});
