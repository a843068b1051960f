import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { show } from './walk.ts';

describe('a value in a message', () => {
  const shown: readonly (readonly [value: unknown, text: string])[] = [
    ['https://example.com/a@b', '"https://example.com/a@b"'],
    ['https://user:hush@example.com/', '"https://…@example.com/"'],
    ['https://hush@example.com/', '"https://…@example.com/"'],
    ['https://user:hu@sh@example.com/', '"https://…@example.com/"'],
    [`https://user:${'hush'.repeat(40)}@example.com/`, '"https://…@example.com/"'],
    ['user@example.com', '"user@example.com"'],
    [7, 'the number 7'],
  ];
  for (const [value, text] of shown) {
    it(`is ${text} for ${JSON.stringify(value).slice(0, 50)}`, () => assert.equal(show(value), text));
  }
});
