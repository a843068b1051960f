import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionCounts, type CountedConnection, type SharedCounts } from './connection-counts.ts';

/** Counts of several threads, which share a map; `room` is for so many keys. */
function threads(room = Infinity): {
  readonly keys: Map<number, number>;
  readonly thread: () => SharedCounts;
} {
  const keys = new Map<number, number>();
  const places = new Map<string, number>();
  const placeOf = (key: string): number => {
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return place;
  };
  const counts: SharedCounts = {
    scope: (name) => placeOf(`scope ${name}`),
    enter(scope, key, limit) {
      const place = placeOf(`${scope} ${key}`);
      const count = keys.get(place) ?? 0;
      if (count === 0 && keys.size >= room) return 'no-room';
      if (count >= limit) return 'full';
      keys.set(place, count + 1);
      return place;
    },
    leave(place) {
      const count = keys.get(place) ?? 0;
      assert.ok(count > 0);
      if (count === 1) keys.delete(place);
      else keys.set(place, count - 1);
    },
  };
  return { keys, thread: () => ({ ...counts }) };
}

const TWO = { maxConnections: 100, maxConnectionsPerClient: 2 };

function opened(connection: CountedConnection | null): CountedConnection {
  assert.ok(connection !== null);
  return connection;
}

describe('the connections of a client', () => {
  it('are bounded, for each client apart and in all threads together', () => {
    const { thread } = threads();
    const [one, other] = [new ConnectionCounts('web', thread()), new ConnectionCounts('web', thread())];
    const first = opened(one.open('a', TWO));
    opened(other.open('a', TWO));
    assert.equal(one.open('a', TWO), null);
    assert.equal(other.open('a', TWO), null);
    opened(other.open('b', TWO));
    first.closed();
    opened(other.open('a', TWO));
  });

  it('do not count as open once we have ended them, up to the same limit', () => {
    const counts = new ConnectionCounts('web', threads().thread());
    const rounds = [1, 2].map(() => {
      const pair = [opened(counts.open('a', TWO)), opened(counts.open('a', TWO))];
      for (const connection of pair) connection.ended();
      return pair;
    });
    assert.equal(counts.open('a', TWO), null);
    rounds[0]?.[0]?.closed();
    assert.equal(counts.open('a', TWO), null);
    rounds[1]?.[0]?.closed();
    opened(counts.open('a', TWO));
  });

  it('are let in where there is no room to count them', () => {
    const { keys, thread } = threads(1);
    const counts = new ConnectionCounts('web', thread());
    const all = [1, 2, 3].map(() => opened(counts.open('a', TWO)));
    assert.equal(keys.size, 1);
    for (const connection of all) {
      connection.ended();
      connection.closed();
    }
    assert.equal(keys.size, 0);
  });
});

describe('the connections of a listener', () => {
  it('are bounded in all threads together, and apart from those of others', () => {
    const { thread } = threads();
    const limits = { maxConnections: 2, maxConnectionsPerClient: 2 };
    const [one, other] = [new ConnectionCounts('web', thread()), new ConnectionCounts('web', thread())];
    const first = opened(one.open('a', limits));
    opened(other.open('b', limits)).ended();
    assert.equal(one.open('c', limits), null);
    opened(new ConnectionCounts('api', thread()).open('c', limits));
    first.closed();
    opened(other.open('c', limits));
  });

  it('leave nothing behind', () => {
    const { keys, thread } = threads();
    const counts = new ConnectionCounts('web', thread());
    const all = [opened(counts.open('a', TWO)), opened(counts.open('a', TWO)), opened(counts.open('b', TWO))];
    assert.equal(counts.open('a', TWO), null);
    all[0]?.ended();
    for (const connection of all) connection.closed();
    assert.equal(keys.size, 0);
  });
});
