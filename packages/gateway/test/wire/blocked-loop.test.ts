import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { it } from 'node:test';
import { Deadline, TimingWheel } from '../../src/core/timing-wheel.ts';
import { systemClock } from '../../src/core/ports.ts';

/** What a long garbage collection, a sleeping machine or a large document does to a thread. */
function block(ms: number): void {
  const untilMs = systemClock.now() + ms;
  while (systemClock.now() < untilMs);
}

it('what came while a thread was blocked is heard before what was due meanwhile', async (t) => {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const wheel = new TimingWheel(systemClock.now);
  const stop = wheel.start();
  t.after(() => {
    stop();
    server.close();
  });

  for (let round = 0; round < 5; round++) {
    let isOverdue = false;
    const deadline = new Deadline(() => (isOverdue = true));
    const connected = Promise.withResolvers<void>();
    // Both in one turn of the loop: the kernel makes the connection while nobody looks.
    setImmediate(() => {
      wheel.touch();
      wheel.set(deadline, 40);
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('connect', () => {
        wheel.remove(deadline);
        socket.destroy();
        connected.resolve();
      });
    });
    setImmediate(() => block(150));
    await connected.promise;
    assert.equal(isOverdue, false, 'it was in time');
  }
});

it('a deadline that was due while a thread was blocked still comes', async (t) => {
  const wheel = new TimingWheel(systemClock.now);
  t.after(wheel.start());
  const { promise, resolve } = Promise.withResolvers<void>();
  wheel.set(new Deadline(resolve), 10);
  // Nothing else keeps the process alive.
  const alive = setInterval(() => {}, 1000);
  block(150);
  await promise;
  clearInterval(alive);
});
