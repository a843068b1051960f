import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withOwnProcess } from './own-process.ts';

describe('withOwnProcess', () => {
  it('takes a signal that comes at once again for the same, and another signal for another', async () => {
    const heard: string[] = [];
    await withOwnProcess((own) => {
      own.on('SIGTERM', (signal) => heard.push(signal));
      own.on('SIGINT', (signal) => heard.push(signal));
      process.emit('SIGTERM', 'SIGTERM', 15);
      process.emit('SIGTERM', 'SIGTERM', 15);
      process.emit('SIGINT', 'SIGINT', 2);
      return Promise.resolve();
    });
    assert.deepEqual(heard, ['SIGTERM', 'SIGINT']);
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`keeps a ${signal} for who listens later`, async () => {
      const heard = await withOwnProcess((own) => {
        process.emit(signal, signal);
        return new Promise((resolve) => own.on(signal, resolve));
      });
      assert.equal(heard, signal);
    });
  }

  it('takes no fault from the process before somebody listens for it', async () => {
    const before = process.listenerCount('uncaughtException');
    await withOwnProcess((own) => {
      assert.equal(process.listenerCount('uncaughtException'), before);
      own.on('uncaughtException', () => {});
      assert.equal(process.listenerCount('uncaughtException'), before + 1);
      return Promise.resolve();
    });
  });

  it('leaves nothing behind', async () => {
    const before = count();
    await assert.rejects(withOwnProcess(() => Promise.reject(new Error('over'))));
    assert.deepEqual(count(), before);
  });
});

function count(): number[] {
  return ['SIGTERM', 'SIGHUP', 'uncaughtException'].map((event) => process.listenerCount(event));
}
