import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutEchoes } from './without-echoes.ts';

describe('withoutEchoes', () => {
  it('takes a signal that comes at once again for the same, and another signal for another', async () => {
    const heard: string[] = [];
    await withoutEchoes((own) => {
      own.on('SIGTERM', (signal) => heard.push(signal));
      own.on('SIGINT', (signal) => heard.push(signal));
      process.emit('SIGTERM', 'SIGTERM', 15);
      process.emit('SIGTERM', 'SIGTERM', 15);
      process.emit('SIGINT', 'SIGINT', 2);
      return Promise.resolve();
    });
    assert.deepEqual(heard, ['SIGTERM', 'SIGINT']);
  });

  it('leaves nothing behind', async () => {
    const before = count();
    await assert.rejects(withoutEchoes(() => Promise.reject(new Error('over'))));
    assert.deepEqual(count(), before);
  });
});

function count(): number[] {
  return ['SIGTERM', 'uncaughtException'].map((event) => process.listenerCount(event));
}
