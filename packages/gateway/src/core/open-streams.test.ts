import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenStreams, type FarewellCause, type OpenStream } from './open-streams.ts';
import { random } from './random.ts';

interface Told extends OpenStream {
  readonly cause: FarewellCause | null;
  readonly afterMs: number;
}

function crowd(streams: OpenStreams, size: number): Told[] {
  return Array.from({ length: size }, (_, index) => {
    const stream = {
      route: `r${index % 2}`,
      kind: 'websocket' as const,
      cause: null as FarewellCause | null,
      afterMs: -1,
      leave(cause: FarewellCause, afterMs: number) {
        stream.cause = cause;
        stream.afterMs = afterMs;
      },
    };
    streams.add(stream);
    return stream;
  });
}

describe('streams that have to go', () => {
  it('go one after the other when there are many, all in the first half of the time', () => {
    const streams = new OpenStreams(random(1));
    const all = crowd(streams, 10_000);
    streams.drain(30_000, 0);
    for (const stream of all) streams.leave(stream);
    assert.ok(all.every(({ cause, afterMs }) => cause === 'drain' && afterMs >= 0 && afterMs < 15_000));
    for (let second = 0; second < 15; second++) {
      const count = all.filter(({ afterMs }) => Math.floor(afterMs / 1000) === second).length;
      assert.ok(count > 400 && count < 1000, `${count} in second ${second}`);
    }
  });

  it('are not held for long when there are few', () => {
    const streams = new OpenStreams(random(1));
    const all = crowd(streams, 5);
    streams.drain(30_000, 0);
    for (const stream of all) streams.leave(stream);
    assert.ok(all.every(({ afterMs }) => afterMs < 20));
  });

  it('are those alone whose route is gone', () => {
    const streams = new OpenStreams(random(1));
    const all = crowd(streams, 10);
    streams.keep(({ route }) => route === 'r0');
    for (const { route, cause } of all) assert.equal(cause, route === 'r0' ? null : 'reload');
  });
});
