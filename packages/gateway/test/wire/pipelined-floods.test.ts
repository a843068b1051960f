import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TAKEN } from '../../src/core/body.ts';
import { connectionRig, replyOf, type ConnectionRig } from './connection-rig.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
const MEBIBYTE = 1024 * 1024;

async function clientOf(t: TestContext, { port }: ConnectionRig): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Answers one request after the other until no further one is begun; gives how many it has answered. */
async function answerAll({ working }: ConnectionRig, body: string): Promise<number> {
  let answered = 0;
  for (;;) {
    const next = working.shift();
    if (next === undefined) return answered;
    next.answer(replyOf(body));
    answered++;
    await turn();
  }
}

describe('a client that sends without end', () => {
  it('is read no further ahead, however many of its requests are answered', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    client.resume().write(REQUEST.repeat(200_000));
    for (let answered = 0; answered < 300; answered++) {
      while (rig.working.length === 0) await turn();
      rig.working.shift()?.answer(replyOf('ok'));
      await turn();
    }
    const [socket] = rig.sockets;
    assert.ok(socket !== undefined && socket.bytesRead < MEBIBYTE, `read ${socket?.bytesRead} bytes`);
  });

  it('gets no more answers than it takes, and the others when it takes them', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const body = 'x'.repeat(MEBIBYTE);
    const requests = 60;
    client.pause().write(REQUEST.repeat(requests));
    while (rig.working.length === 0) await turn();
    let answered = await answerAll(rig, body);
    assert.ok(answered < requests, `${answered} answers are under way`);

    client.resume();
    while (answered < requests) {
      answered += await answerAll(rig, body);
      await turn();
    }
    const closed = once(client, 'close');
    client.end();
    await closed;
    assert.ok(client.bytesRead > requests * MEBIBYTE);
    assert.equal(answered, requests);
    assert.deepEqual(rig.errors, []);
  });

  it('is cut off when it takes nothing for too long', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    client.pause().write(REQUEST.repeat(60));
    while (rig.working.length === 0) await turn();
    await answerAll(rig, 'x'.repeat(MEBIBYTE));
    const [socket] = rig.sockets;
    assert.ok(socket !== undefined);
    const closed = once(socket, 'close');
    // The kernel may have taken a little since the last look.
    for (let looks = 0; looks < 20 && !socket.destroyed; looks++) rig.advance(10_001);
    await closed;
    assert.deepEqual(rig.working, []);
  });

  it('may end its side while it is behind', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const body = 'x'.repeat(MEBIBYTE);
    client.pause().end(REQUEST.repeat(60));
    while (rig.working.length === 0) await turn();
    let answered = await answerAll(rig, body);
    client.resume();
    const closed = once(client, 'close');
    while (answered < 60) {
      answered += await answerAll(rig, body);
      await turn();
    }
    await closed;
    assert.ok(client.bytesRead > 60 * MEBIBYTE);
  });

  it('may end its side behind a body that nobody has read yet', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const body = 'x'.repeat(20_000);
    client
      .resume()
      .end(`POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 20000\r\n\r\n${body}${REQUEST}`);
    const closed = once(client, 'close');
    while (rig.working.length === 0) await turn();
    const [socket] = rig.sockets;
    assert.ok(socket !== undefined);
    while (!socket.readableEnded && !socket.isPaused()) await turn();
    const upload = rig.working[0]?.exchange.body;
    assert.ok(typeof upload === 'object' && upload !== null);
    await new Promise((end) => upload.readTo({ write: () => TAKEN, flush() {}, end, fail() {} }));
    let answered = 0;
    while (answered < 2 && !socket.destroyed) {
      answered += await answerAll(rig, 'ok');
      await turn();
    }
    await closed;
    assert.equal(answered, 2);
  });

  it('gives others their turn and is read no further ahead, however soon it is answered', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const requests = 30_000;
    let inTurn = 0;
    let mostInTurn = 0;
    let mostAhead = 0;
    rig.whenBegun = ({ answer }) => {
      if (inTurn++ === 0)
        setImmediate(() => {
          mostInTurn = Math.max(mostInTurn, inTurn);
          inTurn = 0;
        });
      const [socket] = rig.sockets;
      mostAhead = Math.max(mostAhead, (socket?.bytesRead ?? 0) - rig.working.length * REQUEST.length);
      answer(replyOf('ok'));
    };
    const closed = once(client.resume(), 'close');
    client.end(REQUEST.repeat(requests));
    await closed;
    assert.equal(rig.working.length, requests);
    assert.ok(mostInTurn <= 100, `${mostInTurn} began in one turn`);
    assert.ok(mostAhead < MEBIBYTE / 2, `${mostAhead} bytes were read ahead`);
  });

  it('is idle when it has caught up and only an empty line is left', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const body = 'x'.repeat(32 * MEBIBYTE);
    client.pause().write(`${REQUEST}\r\n`);
    while (rig.working.length === 0) await turn();
    await answerAll(rig, body);
    const [socket] = rig.sockets;
    assert.ok(socket?.writableNeedDrain);
    client.resume();
    while (client.bytesRead < body.length || socket.writableNeedDrain) await turn();
    await turn();
    const ended = once(client, 'end');
    rig.advance(10_001);
    await ended;
    assert.ok(!socket.destroyed);
  });

  it('has no more time for a head that comes in many pieces', async (t) => {
    const rig = await connectionRig(t);
    const client = await clientOf(t, rig);
    const answered = once(client, 'data');
    const head = 'GET /twenty-four-bytes-/';
    for (let at = 0; at < head.length; at++) {
      client.write(head.charAt(at));
      while ((rig.sockets[0]?.bytesRead ?? 0) <= at) await turn();
      await turn();
      rig.advance(410);
    }
    rig.advance(410);
    assert.ok(rig.sockets[0]?.writableEnded);
    assert.match(String((await answered)[0]), /^HTTP\/1.1 408 /);
  });
});
