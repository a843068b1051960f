import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRequests } from './read-connection.ts';
import { SMUGGLING_CORPUS } from './smuggling-corpus.ts';

describe('smuggling corpus (RFC 9112 §11.2)', () => {
  for (const { name, bytes, expectation } of SMUGGLING_CORPUS) {
    it(`${expectation}: ${name}`, () => {
      const { messages, ending } = readRequests(bytes);
      assert.equal(messages.length, expectation === 'once' ? 1 : 0);
      if (expectation === 'refused') assert.equal(ending.why, 'refused');
      else assert.notEqual(ending.why, 'incomplete');
    });
  }

  it('gives every case a name of its own', () => {
    assert.equal(new Set(SMUGGLING_CORPUS.map(({ name }) => name)).size, SMUGGLING_CORPUS.length);
  });
});
