import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointNews } from '../core/desk.ts';
import { NewsBoard } from './news-board.ts';

function endpoints(id: string, version: number): EndpointNews {
  return { topic: 'endpoints', id, version, endpoints: [] };
}

describe('a board of news', () => {
  it('has the latest of each topic and name, for who comes later', () => {
    const board = new NewsBoard([endpoints('a', 1)]);
    board.publish(endpoints('a', 2));
    board.publish(endpoints('b', 1));
    assert.equal(board.latest('endpoints', 'a')?.version, 2);
    assert.deepEqual(
      board.all.map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('tells who subscribed', () => {
    const board = new NewsBoard();
    const heard: number[] = [];
    board.subscribe('endpoints', ({ version }) => heard.push(version));
    board.publish(endpoints('a', 7));
    assert.deepEqual(heard, [7]);
  });

  it('lets go what is not needed any more, and tells nobody of it', () => {
    const board = new NewsBoard();
    board.publish(endpoints('a', 1));
    board.subscribe('endpoints', () => assert.fail());
    board.publish({ topic: 'forgotten', what: 'endpoints', id: 'a' });
    assert.equal(board.latest('endpoints', 'a'), null);
    assert.deepEqual(board.all, []);
  });
});
