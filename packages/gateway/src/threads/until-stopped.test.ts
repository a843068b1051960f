import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type { Supervisor } from './supervisor.ts';
import { configOf, hearLog } from './threads-testing.ts';
import { untilStopped, type OwnProcess } from './until-stopped.ts';

function bench(isServing = true) {
  const calls: string[] = [];
  const stopping = Promise.withResolvers<number>();
  const exited = Promise.withResolvers<number>();
  const supervisor: Supervisor = {
    ports: new Map(),
    adminPort: null,
    config: configOf({}),
    revision: 1,
    isServing,
    reload: async (reason) => {
      calls.push(`reload ${reason}`);
      return { kind: 'unchanged', revision: 1 };
    },
    reopenLogs: () => void calls.push('reopenLogs'),
    get wheel() {
      return assert.fail('nobody steers');
    },
    stop: (signal) => {
      calls.push(`stop ${signal}`);
      return stopping.promise;
    },
  };
  const emitter = new EventEmitter();
  const exit = (code: number): never => {
    calls.push(`exit ${code}`);
    exited.resolve(code);
    return undefined as never;
  };
  const own = Object.assign(emitter, { exit }) as unknown as OwnProcess;
  const code = untilStopped(supervisor, hearLog(), own);
  return { calls, stopping, exited: exited.promise, emitter, code };
}

describe('a process that belongs to a gateway', () => {
  it('stops at the first signal, with the exit code of the gateway', async () => {
    const { calls, stopping, emitter, code } = bench();
    emitter.emit('SIGTERM', 'SIGTERM');
    stopping.resolve(3);
    assert.equal(await code, 3);
    assert.deepEqual(calls, ['stop SIGTERM']);
    assert.equal(emitter.eventNames().length, 0);
  });

  it('ends at once at the second signal', async () => {
    const { calls, emitter } = bench();
    emitter.emit('SIGTERM', 'SIGTERM');
    emitter.emit('SIGINT', 'SIGINT');
    emitter.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(calls.slice(0, 2), ['exit 130', 'exit 143']);
  });

  it('reloads, and opens its logs anew, when the terminal hangs up', () => {
    const { calls, emitter } = bench();
    emitter.emit('SIGHUP', 'SIGHUP');
    assert.deepEqual(calls, ['reopenLogs', 'reload SIGHUP']);
  });

  it('survives a fault of its own while threads serve', () => {
    const { calls, emitter } = bench();
    emitter.emit('uncaughtException', new Error('fault'));
    assert.deepEqual(calls, []);
  });

  it('ends with a fault of its own when nobody serves', async () => {
    const { emitter, exited } = bench(false);
    emitter.emit('uncaughtException', new Error('fault'));
    assert.equal(await exited, 1);
  });
});
